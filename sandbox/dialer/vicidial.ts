/**
 * VICIdial on the wire, `/vicidial/non_agent_api.php`: add_lead, update_lead and version, with the plain-text answers of
 * its NON-AGENT_API document; calls to the Dispo Call URL and the No Agent Call URL with its `--A--field--B--` marks.
 * Assumed: the answer to a wrong login and to a number on a do-not-call list, and the agency's own codes.
 */
import express, { type Request, type Response, Router } from 'express';
import { DateTime } from 'luxon';
import type { Credentials } from '../link/tokens';
import type { ErrorShape } from '../faults';
import type { Outgoing } from '../outgoing';
import { type Agency, type Call, type Lead, type Outcome, type Teller, phoneOf } from './agency';

const ZONE = 'Europe/Oslo';
const AGENT = '1001';
/** Codes that VICIdial comes with; MOVED and AVDØD stand for codes that agencies make themselves. */
const codes: Record<Outcome, string> = {
	yes: 'SALE',
	no: 'NI',
	hangUp: 'DEC',
	noAnswer: 'NA',
	busy: 'AB',
	callBack: 'CALLBK',
	wrongNumber: 'DC',
	doNotCall: 'DNC',
	moved: 'MOVED',
	deceased: 'AVDØD',
};
/** Calls that no agent got to see. */
const UNANSWERED = new Set<Outcome>(['noAnswer', 'busy']);
const EDITABLE =
	/^(status|vendor_lead_code|source_id|title|first_name|middle_initial|last_name|address[123]|city|state|province|postal_code|country_code|gender|date_of_birth|alt_phone|email|security_phrase|comments|rank|owner)$/;

export const vicidialErrors: ErrorShape = () => undefined;

export interface CallUrls {
	dispoCallUrl: string | null;
	noAgentCallUrl: string | null;
}

export class Vicidial implements Teller {
	urls: CallUrls = { dispoCallUrl: null, noAgentCallUrl: null };
	/** Numbers on the system's own do-not-call list. */
	readonly doNotCall = new Set<string>();

	constructor(
		private readonly agency: Agency,
		private readonly outgoing: Outgoing,
	) {
		agency.register('vicidial', this);
	}

	word(outcome: Outcome): string {
		return codes[outcome];
	}

	called(lead: Lead, call: Call): void {
		if (call.outcome === 'doNotCall') this.doNotCall.add(lead.phone);
		const url = UNANSWERED.has(call.outcome) ? this.urls.noAgentCallUrl : this.urls.dispoCallUrl;
		if (!url) return;
		void this.outgoing.tell({
			provider: 'vicidial',
			what: UNANSWERED.has(call.outcome) ? 'No Agent Call URL' : 'Dispo Call URL',
			url: filledIn(url, lead, call),
			method: 'GET',
		});
	}

	routes(credentials: Credentials): Router {
		const routes = Router();
		const answer = (request: Request, response: Response) => {
			const given = { ...strings(request.query), ...strings(request.body) };
			response.type('text/plain').send(`${this.answer(given, credentials)}\n`);
		};
		routes.use('/non_agent_api.php', express.urlencoded({ extended: false, limit: '1mb' }));
		routes.get('/non_agent_api.php', answer);
		routes.post('/non_agent_api.php', answer);
		routes.use((_request, response) => void response.status(404).type('text/plain').send('Not Found'));
		return routes;
	}

	private answer(given: Record<string, string>, { id, secret }: Credentials): string {
		if (given.function === 'version')
			return 'VERSION: 2.14-1|BUILD: 250720-1841|DATE: 2026-01-01 12:00:00|EPOCH: 1767265200|DST: 0|TZ: 1|TZNOW: 1|';
		if (!given.function) return 'ERROR: NO FUNCTION SPECIFIED';
		if (given.user !== id || given.pass !== secret)
			return `ERROR: Login incorrect, please check your username and password: |${given.user ?? ''}|`;
		if (given.function === 'add_lead') return this.addLead(given, id);
		if (given.function === 'update_lead') return this.updateLead(given, id);
		return `ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - ${id}|${given.function}`;
	}

	private addLead(given: Record<string, string>, user: string): string {
		const phone = given.phone_number ?? '';
		const list = given.list_id ?? '999';
		if (!/^\d{6,16}$/.test(phone)) return `ERROR: add_lead INVALID PHONE NUMBER LENGTH - ${phone}|${user}`;
		const number = phoneOf(phone, given.phone_code || '1');
		if (given.dnc_check === 'Y' && this.doNotCall.has(number))
			return `ERROR: add_lead PHONE NUMBER IN DNC - ${phone}|${user}`;
		const twice = this.duplicate(given, number, list);
		if (twice) return twice;
		const lead = this.insert(given, number, list);
		const told = [`SUCCESS: add_lead LEAD HAS BEEN ADDED - ${phone}|${user}|${list}|${lead.id}|1`];
		if (given.callback === 'Y') {
			const { campaign_id: campaign = '', callback_datetime: when = 'NOW' } = given;
			const at = callBackAt(when);
			this.agency.touch(lead, { status: 'CBHOLD', ...(at === null ? {} : { from: at }) });
			told.push(
				`NOTICE: add_lead SCHEDULED CALLBACK ADDED - ${lead.id}|${when.replace('+', ' ')}|${campaign}|${user}|${given.callback_type ?? 'ANYONE'}|${given.callback_status ?? 'CALLBK'}`,
			);
		}
		return told.join('\n');
	}

	private duplicate(given: Record<string, string>, number: string, list: string): string | undefined {
		const check = given.duplicate_check ?? '';
		const [where, within] = check.includes('DUPSYS')
			? ['SYSTEM', () => true]
			: check.includes('DUPCAMP')
				? ['CAMPAIGN LISTS', () => true]
				: check.includes('DUPLIST')
					? ['LIST', (lead: Lead) => lead.campaign === list]
					: ['', () => false];
		const [there] = this.agency.find(
			(lead) => lead.by === 'vicidial' && lead.state !== 'withdrawn' && lead.phone === number && within(lead),
		);
		return (
			there &&
			`ERROR: add_lead DUPLICATE PHONE NUMBER IN ${where} - ${given.phone_number}|${list}|${there.id}`
		);
	}

	private updateLead(given: Record<string, string>, user: string): string {
		const method = given.search_method ?? 'LEAD_ID';
		const matches = this.matching(given, method);
		if (!matches) return `ERROR: update_lead NO VALID SEARCH METHOD - ${user}|${method}|||`;
		const [lead] = matches;
		const asked = [user, given.lead_id, given.vendor_lead_code, given.phone_number].map((one) => one ?? '');
		if (!lead && given.insert_if_not_found === 'Y') {
			if (!/^\d{6,16}$/.test(given.phone_number ?? '') || !given.list_id)
				return `ERROR: update_lead INVALID DATA FOR LEAD INSERTION - ${user}|||`;
			const number = phoneOf(given.phone_number!, given.phone_code || '1');
			const added = this.insert(given, number, given.list_id);
			return `SUCCESS: update_lead LEAD HAS BEEN ADDED - ${given.phone_number}|${user}|${given.list_id}|${added.id}|1`;
		}
		if (!lead) return `ERROR: update_lead NO MATCHES FOUND IN THE SYSTEM - ${asked.join('|')}`;
		const digits = lead.phone.replace(/^\+47/, '');
		if (given.no_update === 'Y')
			return `NOTICE: update_lead LEADS FOUND IN THE SYSTEM: |${user}|${lead.id}|${lead.externalId}|${digits}|${lead.campaign}|0`;
		if (given.delete_lead === 'Y') {
			this.agency.withdraw(lead);
			return `SUCCESS: update_lead LEAD HAS BEEN DELETED - ${digits}|${user}|${lead.campaign}|${lead.id}|1`;
		}
		const fields = { ...lead.fields };
		for (const [name, value] of Object.entries(given))
			if (EDITABLE.test(name)) fields[name] = value === '--BLANK--' ? '' : value;
		const at = given.callback === 'Y' ? callBackAt(given.callback_datetime ?? 'NOW') : undefined;
		const renamed = given.first_name !== undefined || given.last_name !== undefined;
		const name = [fields.first_name, fields.last_name].filter(Boolean).join(' ');
		// Without update_phone_number, a number is only searched by.
		const moved = given.update_phone_number === 'Y' && /^\d{6,16}$/.test(given.phone_number ?? '');
		this.agency.touch(lead, {
			fields,
			...(renamed ? { name } : {}),
			...(moved ? { phone: phoneOf(given.phone_number!, fields.phone_code || '47') } : {}),
			...(given.status ? { status: given.status } : {}),
			...(at === undefined ? {} : { from: at, status: 'CBHOLD' }),
			...(given.callback === 'REMOVE' ? { from: null } : {}),
		});
		return `SUCCESS: update_lead LEAD HAS BEEN UPDATED - ${user}|${lead.id}`;
	}

	private matching(given: Record<string, string>, method: string): Lead[] | undefined {
		const tests: Array<(lead: Lead) => boolean> = [];
		if (/(^|_)LEAD_ID/.test(method.replace(/VENDOR_LEAD_CODE/g, '')))
			tests.push(({ id }) => String(id) === given.lead_id);
		if (method.includes('VENDOR_LEAD_CODE'))
			tests.push(({ externalId }) => externalId !== '' && externalId === given.vendor_lead_code);
		if (method.includes('PHONE_NUMBER'))
			tests.push(({ phone }) => phone.endsWith(given.phone_number ?? 'none') && Boolean(given.phone_number));
		if (tests.length === 0) return undefined;
		return this.agency.find(
			(lead) => lead.by === 'vicidial' && lead.state !== 'withdrawn' && tests.some((test) => test(lead)),
		);
	}

	private insert(given: Record<string, string>, phone: string, list: string): Lead {
		const { user: _user, pass: _pass, function: _function, ...fields } = given;
		return this.agency.add({
			by: 'vicidial',
			campaign: list,
			externalId: given.vendor_lead_code ?? '',
			phone,
			name: [given.first_name, given.last_name].filter(Boolean).join(' '),
			from: null,
			to: null,
			hours: null,
			status: 'NEW',
			fields,
		});
	}
}

/** `YYYY-MM-DD HH:MM:SS` (a + where the space is) on the dialer's clock; null for NOW. */
function callBackAt(text: string): number | null {
	const at = DateTime.fromSQL(text.replace('+', ' '), { zone: ZONE });
	return at.isValid ? at.toMillis() : null;
}

/** The address with its marks filled in, each as part of an address. */
function filledIn(url: string, lead: Lead, call: Call): string {
	const sql = (at: number) => DateTime.fromMillis(at, { zone: ZONE }).toFormat('yyyy-LL-dd HH:mm:ss');
	const all: Record<string, string | number | undefined> = {
		...lead.fields,
		...call.newAddress,
		vendor_lead_code: lead.externalId,
		lead_id: lead.id,
		list_id: lead.campaign,
		phone_number: lead.phone.replace(/^\+47/, ''),
		user: UNANSWERED.has(call.outcome) ? 'VDAD' : AGENT,
		dispo: codes[call.outcome],
		status: codes[call.outcome],
		talk_time: call.talkSeconds,
		call_notes: call.note,
		called_count: lead.calls.length,
		callback_lead_status: call.outcome === 'callBack' ? 'CALLBK' : '',
		callback_datetime: call.callBackAt === undefined ? '' : sql(call.callBackAt),
		// Fields of the agency's own.
		amount: call.amount,
		frequency: call.frequency,
		payment_form: call.paymentForm,
		reason: call.reason,
		new_address: call.newAddress?.street,
		new_postal_code: call.newAddress?.postalCode,
		new_city: call.newAddress?.city,
	};
	return url.replace(/--A--(\w+?)--B--/g, (_, name: string) => encodeURIComponent(String(all[name] ?? '')));
}

function strings(given: unknown): Record<string, string> {
	if (typeof given !== 'object' || given === null) return {};
	return Object.fromEntries(
		Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
	);
}
