/** LINK's Common platform of the stand-in: gates, keywords, messages with their reports, payment. */
import { randomBytes, randomUUID } from 'node:crypto';
import { isValidPhoneNumber } from 'libphonenumber-js';
import { SegmentedMessage } from 'sms-segments-calculator';
import type { Clock } from '../../core/ports';
import { type Fault, type Faults, reportFaults } from '../faults';
import type { Phones, Sms } from '../link/phones';
import type { Outgoing } from '../outgoing';
import type { People } from '../people';
import type { BatchRequest, BatchedMessage } from './request';

const GATE_TTL_MS = 172_800_000;
const LATE_MS = 2 * 3_600_000;
const OPERATOR = 'no.sandbox';

export interface Gate {
	id: string;
	refId?: string;
	destinations: Array<{
		url: string;
		username?: string;
		password?: string;
		customParameters?: Record<string, string>;
	}>;
	[more: string]: unknown;
}

export interface Keyword {
	id: string;
	refId?: string;
	number: string;
	keyword?: string;
	keywordType: 'EQUALS' | 'STARTS_WITH' | 'FIRST_WORD' | 'DEFAULT';
	gateIds: string[];
	[more: string]: unknown;
}

/** What the next messages to a number come to: the codes that are reported, one after the other, of each part. */
export interface Play {
	phone: string;
	/** `[1011, 1009]`: charged and sent, then not delivered. */
	codes: number[];
	/** Only this part (from 0) of a long message; the others arrive. */
	part?: number;
	/** How many messages; default 1. */
	next?: number;
}

export interface CommonProfile {
	/** Reports the steps on the way as well. */
	intermediate: boolean;
	/** Sandbox time between the sending and the first report, and between one report and the next. */
	reportAfterMs: number;
}

interface Accepted {
	messageId: string;
	message: BatchedMessage;
	gates: string[];
	sms: Sms | undefined;
	segments: number;
}

export interface Receipt {
	messageId: string;
	refId: string | null;
	resultCode: number;
	smsCount: number;
}

export class CommonNetwork {
	readonly gates = new Map<string, Gate>();
	readonly keywords = new Map<string, Keyword>();
	readonly plays: Play[] = [];
	/** Every message that was taken, with what it cost; newest last. */
	readonly taken: BatchedMessage[] = [];
	profile: CommonProfile = { intermediate: true, reportAfterMs: 600 };
	private readonly pending = new Set<() => void>();
	private readonly silent = new Set<string>();

	constructor(
		private readonly clock: Clock,
		private readonly people: People,
		private readonly phones: Phones,
		private readonly faults: Faults,
		private readonly outgoing: Outgoing,
	) {}

	accept(batch: BatchRequest): Receipt[] {
		const gates = batch.useDeliveryReport ? batch.deliveryReportGates : [];
		return batch.sendRequestMessages.map((one) => {
			// "These are overridden by those that are in the batchSendRequest."
			const message = { ...one, customParameters: { ...one.customParameters, ...batch.customParameters } };
			const { segments, encoding } = measure(message.userData ?? '');
			const messageId = randomBytes(18).toString('base64');
			const silent = message.customParameters.chargeOnly === 'true';
			const sms: Sms | undefined = silent
				? undefined
				: {
						id: messageId,
						from: 'organisation',
						organisation: message.source,
						text: message.userData ?? '',
						at: this.clock.now(),
						status: 'sent',
						code: 1005,
						referenceId: message.refId ?? null,
						segments,
						encoding,
					};
			this.taken.push(message);
			this.send({ messageId, message, gates, sms, segments: silent ? 1 : segments });
			return { messageId, refId: message.refId ?? null, resultCode: 1005, smsCount: segments };
		});
	}

	/** Whether an SMS from a person goes this way: some keyword is routed for it. */
	routes(text: string): boolean {
		return this.routeOf(text) !== undefined;
	}

	/** An SMS from a person. Resolves with the status that the gate's receiver answered. */
	reply(from: string, text: string): Promise<number | null> {
		const route = this.routeOf(text);
		const at = this.clock.now();
		this.phones.add(from, {
			id: randomUUID(),
			from: 'person',
			organisation: (route?.number ?? '').replace(/^[A-Z]{2}-/, ''),
			text,
			at,
			status: null,
			code: null,
			referenceId: null,
			...measure(text),
		});
		this.people.got({ phone: from }, { kind: 'sms', at, text, unread: false });
		if (!route) return Promise.resolve(null);
		return this.tell(route.gateIds, 'inbound SMS', this.inbound(from, text, route));
	}

	/** As in "SMS REST API – MO" 1.7. */
	inbound(
		source: string,
		text: string,
		route: Keyword,
		messageId = randomBytes(18).toString('base64'),
	): unknown {
		const time = iso(this.clock.now());
		return {
			destination: route.number,
			subNumber: null,
			source,
			content: { type: 'SMS', userData: text, encoding: 'TEXT' },
			operator: OPERATOR,
			timestamp: time,
			messageId,
			operatorTimestamp: time,
			operatorMessageId: '0',
			route: { ...route, active: true },
			gateCustomParameters: {},
			customParameters: { moReferenceId: '0', suggestedOperator: OPERATOR },
		};
	}

	empty(): void {
		for (const callOff of this.pending) callOff();
		this.pending.clear();
		this.plays.length = 0;
		this.taken.length = 0;
		this.silent.clear();
	}

	private routeOf(text: string): Keyword | undefined {
		const said = text.trim().toUpperCase();
		const routes = [...this.keywords.values()];
		return (
			routes.find(({ keyword, keywordType }) => {
				const wanted = keyword?.toUpperCase() ?? '';
				if (keywordType === 'EQUALS') return said === wanted;
				if (keywordType === 'STARTS_WITH') return said.startsWith(wanted);
				return keywordType === 'FIRST_WORD' && said.split(/\s+/)[0] === wanted;
			}) ?? routes.find(({ keywordType }) => keywordType === 'DEFAULT')
		);
	}

	private send(accepted: Accepted): void {
		const { message, sms } = accepted;
		const scheduled = Date.parse(message.customParameters?.scheduledTime ?? '');
		const wait = Number.isNaN(scheduled) ? 0 : Math.max(0, scheduled - this.clock.now());
		const exists = isValidPhoneNumber(message.destination);
		if (sms && exists) {
			this.later(wait, () => {
				sms.at = this.clock.now();
				this.phones.add(message.destination, sms);
				this.people.got(
					{ phone: message.destination },
					{ kind: 'sms', at: sms.at, text: sms.text, unread: true },
				);
			});
		}
		const fault = this.faults.take('link', reportFaults);
		if (fault?.kind === 'report-lost') return;
		const play = this.playOf(message.destination);
		const usual = play && play.part === undefined ? [] : this.usualCodes(message, exists, fault);
		let at =
			wait + this.profile.reportAfterMs + (fault?.kind === 'report-late' ? (fault.delayMs ?? LATE_MS) : 0);
		// Part by part, the steps in their order.
		for (let part = 0; part < accepted.segments; part += 1) {
			const codes = play && (play.part === undefined || play.part === part) ? play.codes : usual;
			for (const code of codes) {
				this.later(at, () => {
					const body = this.reportBody(accepted, part, code);
					for (let times = fault?.kind === 'report-twice' ? 2 : 1; times > 0; times -= 1)
						void this.tell(accepted.gates, 'delivery report', body);
					if (sms) {
						sms.code = code;
						sms.status = code === 1001 || code === 1007 ? 'delivered' : FINAL_BAD(code) ? 'failed' : 'sent';
						this.people.changedAt({ phone: message.destination });
					}
				});
				at += this.profile.reportAfterMs;
			}
		}
	}

	private usualCodes(message: BatchedMessage, exists: boolean, fault: Fault | undefined): number[] {
		if (!exists) return [2106];
		if (fault?.kind === 'report-failed') return [1006];
		if (fault?.kind === 'report-contradictory') return [1006, 1001];
		if (!message.tariff) return this.profile.intermediate ? [1000, 1001] : [1001];
		const parameters = message.customParameters ?? {};
		if (parameters.chargeOnly === 'true') {
			// "On the FIRST time … set strex.securityLevel to 2. On the second … this parameter should not be present."
			const isFirst = !this.silent.has(message.destination);
			const right =
				parameters.authorize === 'true' &&
				(parameters['strex.username'] ?? '') !== '' &&
				(parameters['strex.securityLevel'] === '2') === isFirst;
			if (!right) return [2200];
			this.silent.add(message.destination);
		}
		return this.profile.intermediate ? [1005, 1011, 1001] : [1001];
	}

	private playOf(phone: string): Play | undefined {
		const play = this.plays.find((one) => one.phone === phone);
		if (!play) return undefined;
		play.next = (play.next ?? 1) - 1;
		if (play.next <= 0) this.plays.splice(this.plays.indexOf(play), 1);
		return play;
	}

	/** As in "SMS REST API – MT and Delivery Reports" 1.18: the part stands behind `$` when there are several. */
	reportBody({ messageId, message, segments }: Accepted, part: number, resultCode: number): unknown {
		const time = iso(this.clock.now());
		return {
			refId: message.refId ?? null,
			id: segments > 1 ? `${messageId}$${part}` : messageId,
			operator: OPERATOR,
			sentTimestamp: time,
			timestamp: time,
			resultCode,
			operatorResultCode: null,
			segments,
			gateCustomParameters: {},
			customParameters: {},
		};
	}

	/** "ONE_ORDERED": the first destination of each gate. */
	private async tell(gateIds: readonly string[], what: string, json: unknown): Promise<number | null> {
		let answered: number | null = null;
		for (const id of gateIds) {
			const destination = this.gates.get(id)?.destinations[0];
			if (!destination || !/^https?:/.test(destination.url)) continue;
			const { url, username, password, customParameters } = destination;
			const [header, ...value] = (customParameters?.['http.header1'] ?? '').split(':');
			answered = await this.outgoing.tell({
				provider: 'link',
				what,
				url,
				body: { json },
				headers: {
					...(username
						? { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
						: {}),
					...(header ? { [header]: value.join(':') } : {}),
				},
				until: this.clock.now() + GATE_TTL_MS,
			});
		}
		return answered;
	}

	private later(ms: number, ring: () => void): void {
		if (ms <= 0) return ring();
		const callOff = this.clock.at(this.clock.now() + ms, () => {
			this.pending.delete(callOff);
			ring();
		});
		this.pending.add(callOff);
	}
}

const FINAL_BAD = (code: number) =>
	code < 1000 || [1002, 1003, 1004, 1006, 1009].includes(code) || code >= 2000;

function measure(text: string): { segments: number; encoding: string } {
	const { segmentsCount, encodingName } = new SegmentedMessage(text);
	return { segments: Math.max(1, segmentsCount), encoding: encodingName };
}

/** "UTC time formatted according to RFC3339", in whole seconds as in the examples. */
const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
