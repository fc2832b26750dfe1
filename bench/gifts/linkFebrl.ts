/**
 * FEBRL 4 linked by the same comparing and learning as gifts: names, addresses and numbers of made-up Australians. Nothing
 * is learned from which records belong together; the weights come from the two lists alone.
 */
import { fold, sound } from '../../core/gifts/linkage/fold';
import { type Comparison, type Linked, linkLists } from '../../core/gifts/linkage/linkLists';
import { jaroWinkler, oneSlip } from '../../core/gifts/linkage/similar';
import type { Weights } from '../../core/gifts/linkage/weights';

/** A row of the published files. */
export interface FebrlRecord {
	given_name: string;
	surname: string;
	street_number: string;
	address_1: string;
	address_2: string;
	suburb: string;
	postcode: string;
	state: string;
	date_of_birth: string;
	soc_sec_id: string;
}

type Field = keyof FebrlRecord;

export function linkFebrl(first: readonly FebrlRecord[], second: readonly FebrlRecord[]): Linked {
	const shares = countShares([...first, ...second]);
	const comparisons: Array<Comparison<FebrlRecord>> = [
		names(),
		...FIELDS.map(([field, levels]): Comparison<FebrlRecord> => ({
			name: field,
			levels,
			compare: (a, b) => compareWords(a[field], b[field]),
			share: (a, _b, level) => (level === 'same' ? (shares.get(`${field} ${a[field]}`) ?? 1) : 1),
		})),
	];
	return linkLists(first, second, { comparisons, keys, mostPerKey: 120, outsiders: 0.2, from: 0.5 });
}

const word = (close: number): Weights[string] => ({
	same: { m: 0.8, u: 1 },
	near: { m: 0.13, u: close },
	different: { m: 0.07, u: 0.98 },
});

const FIELDS: ReadonlyArray<[Field, Weights[string]]> = [
	['street_number', word(0.15)],
	['address_1', word(0.003)],
	['address_2', word(0.004)],
	['suburb', word(0.003)],
	['postcode', word(0.02)],
	['state', word(0.05)],
	['date_of_birth', word(0.004)],
	['soc_sec_id', word(1e-5)],
];

/** Both names at once: in the files they change places now and then. */
function names(): Comparison<FebrlRecord> {
	const parts = (a: string, b: string) => (a === '' || b === '' ? '-' : compareWords(a, b));
	return {
		name: 'names',
		levels: {
			both: { m: 0.6, u: 3e-5 },
			bothNearly: { m: 0.2, u: 1e-4 },
			one: { m: 0.17, u: 0.012 },
			none: { m: 0.03, u: 0.98 },
		},
		compare(a, b) {
			const straight = grade(parts(a.given_name, b.given_name), parts(a.surname, b.surname));
			const changed = grade(parts(a.given_name, b.surname), parts(a.surname, b.given_name));
			return straight.points >= changed.points ? straight.level : changed.level;
		},
	};
}

function grade(given: string, family: string): { level: string; points: number } {
	const agree = [given, family].filter((one) => one === 'same' || one === 'near').length;
	const same = [given, family].filter((one) => one === 'same').length;
	if (same === 2) return { level: 'both', points: 3 };
	if (agree === 2) return { level: 'bothNearly', points: 2 };
	if (agree === 1) return { level: 'one', points: 1 };
	return given === '-' && family === '-' ? { level: 'absent', points: 0 } : { level: 'none', points: 0 };
}

function compareWords(a: string, b: string): string {
	if (a === '' || b === '') return 'absent';
	if (a === b) return 'same';
	return oneSlip(a, b) || jaroWinkler(a, b) >= 0.88 ? 'near' : 'different';
}

/** Whoever has spoiled one of them has left another. */
function keys(record: FebrlRecord): string[] {
	const given = sound(fold(record.given_name));
	const family = sound(fold(record.surname));
	const born = record.date_of_birth;
	const all = [
		[record.soc_sec_id],
		[born, record.postcode],
		[born, given.slice(0, 3)],
		[born, family.slice(0, 3)],
		[given, family].sort(),
		[family.slice(0, 4), record.postcode],
		[given.slice(0, 4), record.postcode],
		[record.suburb, record.street_number],
		[record.address_1.slice(0, 6), record.street_number],
		[record.suburb.slice(0, 5), family.slice(0, 4)],
		[record.suburb.slice(0, 5), given.slice(0, 4)],
		[record.address_1, record.postcode],
		[record.address_2, record.postcode],
		[record.soc_sec_id.slice(0, 4), record.state],
		[record.soc_sec_id.slice(-4), record.state],
	];
	return all.flatMap((parts, i) => (parts.some((part) => part === '') ? [] : [`${i} ${parts.join(' ')}`]));
}

function countShares(records: readonly FebrlRecord[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const record of records) {
		for (const [field] of FIELDS) {
			const key = `${field} ${record[field]}`;
			counts.set(key, (counts.get(key) ?? 0) + 1);
		}
	}
	// Both lists hold nearly everybody: half of what is counted is the partner.
	return new Map([...counts].map(([key, count]) => [key, Math.max(1, count / 2) / (records.length / 2)]));
}
