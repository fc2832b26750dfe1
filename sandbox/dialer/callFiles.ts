/**
 * Call lists as files: taken from `/calls/in`, results written to `/calls/out`. No Norwegian agency publishes a
 * description: headings are read in any spelling, and the results have the columns that our profile reads by default.
 */
import { posix } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { DateTime } from 'luxon';
import readXlsxFile from 'read-excel-file/universal';
import type { Clock } from '../../core/ports';
import type { Files } from '../sftp/files';
import { type Agency, type Call, type Lead, type Outcome, type Teller, phoneOf } from './agency';

const ZONE = 'Europe/Oslo';

const words: Record<Outcome, string> = {
	yes: 'yes',
	no: 'no',
	hangUp: 'no',
	noAnswer: 'noAnswer',
	busy: 'busy',
	callBack: 'callBack',
	wrongNumber: 'wrongNumber',
	doNotCall: 'askedNotToBeCalled',
	moved: 'moved',
	deceased: 'deceased',
};

const HEADINGS = [
	'id',
	'phone',
	'disposition',
	'reason',
	'amount',
	'frequency',
	'paymentForm',
	'attempts',
	'talkSeconds',
	'callBackAt',
	'street',
	'postalCode',
	'city',
	'calledAt',
];

export interface ReadList {
	name: string;
	at: number;
	added: number;
	updated: number;
	withdrawn: number;
	/** Why it was not taken. */
	refused?: string;
}

export class CallFiles implements Teller {
	readonly lists: ReadList[] = [];
	private written = 0;
	private reading: Promise<void> = Promise.resolve();

	constructor(
		private readonly clock: Clock,
		private readonly files: Files,
		private readonly agency: Agency,
		private readonly changed: () => void,
	) {
		agency.register('file', this);
	}

	word(outcome: Outcome): string {
		return words[outcome];
	}

	/** A file has come under its final name. */
	arrived(path: string): void {
		if (!path.startsWith('/calls/in/') || /\.done$/i.test(path)) return;
		const list = { name: posix.basename(path), at: this.clock.now(), added: 0, updated: 0, withdrawn: 0 };
		// One after the other, as they came.
		this.reading = this.reading.then(async () => {
			try {
				this.take(await this.rowsOf(path), list);
				this.lists.push(list);
			} catch (error) {
				this.lists.push({ ...list, refused: error instanceof Error ? error.message : String(error) });
			}
			this.changed();
		});
	}

	called(lead: Lead, call: Call): void {
		this.written += 1;
		const day = DateTime.fromMillis(call.at, { zone: ZONE }).toFormat('yyyyLLdd');
		const row = [
			lead.externalId,
			lead.phone,
			words[call.outcome],
			call.reason ?? '',
			call.amount ?? '',
			call.frequency ?? '',
			call.paymentForm ?? '',
			lead.calls.length,
			call.talkSeconds,
			call.callBackAt === undefined ? '' : iso(call.callBackAt),
			call.newAddress?.street ?? '',
			call.newAddress?.postalCode ?? '',
			call.newAddress?.city ?? '',
			iso(call.at),
		];
		this.files.put(
			`/calls/out/results-${day}-${String(this.written).padStart(4, '0')}.csv`,
			stringify([HEADINGS, row], { delimiter: ';' }),
		);
	}

	empty(): void {
		this.lists.length = 0;
		this.written = 0;
	}

	private async rowsOf(path: string): Promise<Array<Record<string, string>>> {
		const bytes = this.files.read(path) ?? Buffer.alloc(0);
		if (/\.xlsx$/i.test(path)) {
			const [sheet] = await readXlsxFile(new Blob([Uint8Array.from(bytes)]));
			const [headings = [], ...rows] = (sheet?.data ?? []).map((row) =>
				row.map((cell) => String(cell ?? '')),
			);
			return rows.map((cells) =>
				Object.fromEntries(headings.map((heading, at) => [heading, cells[at] ?? ''])),
			);
		}
		if (!/\.csv$/i.test(path)) throw new Error('neither CSV nor Excel');
		const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
		const head = text.slice(0, text.indexOf('\n') >>> 0);
		const delimiter = [';', ',', '\t'].reduce((best, one) =>
			head.split(one).length > head.split(best).length ? one : best,
		);
		return parseCsv(text, { columns: true, delimiter, skip_empty_lines: true });
	}

	private take(rows: Array<Record<string, string>>, list: ReadList): void {
		const takesBack = /withdraw|trekk|remove|slett/i.test(list.name);
		for (const row of rows) {
			const fields = Object.fromEntries(
				Object.entries(row).map(([heading, value]) => [heading, value.replace(/^'(?=[=+\-@])/, '')]),
			);
			const id = pick(fields, 'id', 'ref', 'leadid', 'externalid', 'referanse');
			const [there] = this.agency.find(
				(lead) => lead.by === 'file' && lead.externalId === id && lead.state === 'waiting',
			);
			if (takesBack || /withdraw|trekk|remove|slett/i.test(pick(fields, 'action', 'handling', 'status'))) {
				if (there) this.agency.withdraw(there, 'withdrawn');
				if (there) list.withdrawn += 1;
			} else if (there) {
				const phone = pick(fields, 'phone', 'telefon', 'mobil', 'phonenumber');
				const name = nameOf(fields);
				this.agency.touch(there, {
					fields,
					...(phone ? { phone: phoneOf(phone) } : {}),
					...(name ? { name } : {}),
				});
				list.updated += 1;
				// Whom they no longer have does not come back by being changed.
			} else if (!/update|endre/i.test(pick(fields, 'action', 'handling'))) {
				this.add(id, fields);
				list.added += 1;
			}
		}
	}

	private add(id: string, fields: Record<string, string>): void {
		const at = (text: string) => {
			const moment = DateTime.fromISO(text.replace(' ', 'T'), { zone: ZONE });
			return moment.isValid ? moment.toMillis() : null;
		};
		const [first, last] = [pick(fields, 'hoursfrom', 'timerfra'), pick(fields, 'hoursto', 'timertil')];
		this.agency.add({
			by: 'file',
			campaign: pick(fields, 'campaign', 'kampanje', 'list', 'listid'),
			externalId: id,
			phone: phoneOf(pick(fields, 'phone', 'telefon', 'mobil', 'phonenumber')),
			name: nameOf(fields),
			from: at(pick(fields, 'callfrom', 'ringfra', 'from')),
			to: at(pick(fields, 'callto', 'ringtil', 'callbefore', 'to')),
			hours: first && last ? { from: first, to: last } : null,
			status: 'new',
			fields,
		});
	}
}

function nameOf(fields: Record<string, string>): string {
	const parts = [pick(fields, 'firstname', 'fornavn'), pick(fields, 'lastname', 'etternavn')];
	return parts.join(' ').trim() || pick(fields, 'name', 'navn');
}

const iso = (at: number) => DateTime.fromMillis(at, { zone: ZONE }).toFormat("yyyy-LL-dd'T'HH:mm:ssZZ");

function pick(fields: Record<string, string>, ...names: string[]): string {
	const simple = new Map(
		Object.entries(fields).map(([name, value]) => [
			name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''),
			value.trim(),
		]),
	);
	for (const name of names) {
		const value = simple.get(name);
		if (value) return value;
	}
	return '';
}
