/**
 * VICIdial's non-agent API (docs/NON-AGENT_API.txt of the dialer, 2025): plain text back, `SUCCESS|NOTICE|ERROR: function
 * WORDS - values parted by |`. The documentation knows GET and POST; the user's password goes with every request as a
 * parameter, so everything is POSTed: nothing of it stands in an address that servers and proxies write down.
 */
import parsePhoneNumber from 'libphonenumber-js/max';
import { DateTime } from 'luxon';
import type { Added, Dialer, Update, Withdrawal } from '../../core/calls/dialer';
import type { Lead } from '../../core/calls/lead';
import { type Clock, type Http, type HttpAnswer, StepProblem } from '../../core/ports';
import { retryAfterMs, withoutPersons } from '../answer';
import type { VicidialSettings } from './settings';

export const VICIDIAL = 'vicidial';

export interface VicidialProfile {
	listId: string;
	/** Needed for leads that are not to be called at once. '' = none. */
	campaignId: string;
	dncCheck: boolean;
	duplicateCheck: '' | 'DUPLIST' | 'DUPCAMP' | 'DUPSYS';
	addToHopper: boolean;
	/** Names of `data` that are custom fields of the list. */
	customFields: boolean;
	/** What happens over there to a lead that is taken back. */
	takenBack: 'delete' | 'nothing' | 'status';
	/** With `status`: the status that it gets, up to 6 characters. */
	takenBackStatus: string;
	countryCode: string;
	/** In which the dialer's clock goes. */
	zone: string;
}

export interface VicidialAnswer {
	kind: 'SUCCESS' | 'NOTICE' | 'ERROR';
	/** `LEAD HAS BEEN ADDED` … */
	words: string;
	values: string[];
}

/** Every line that it answered; undefined when it is no answer of this API. */
export function readVicidialAnswer(body: unknown): VicidialAnswer[] | undefined {
	if (typeof body !== 'string') return undefined;
	const lines = body.split(/\r?\n/).flatMap((line): VicidialAnswer[] => {
		const found =
			/^(SUCCESS|NOTICE|ERROR): (?:[a-z_]+ )?(.*?)(?:(?: - |: )(\|?[^|]*(?:\|.*)?))?$/.exec(line.trim()) ??
			undefined;
		if (!found) return [];
		const [, kind, words = '', values] = found;
		return [
			{
				kind: kind as VicidialAnswer['kind'],
				words: words.trim(),
				values: values === undefined ? [] : values.replace(/^\|/, '').split('|'),
			},
		];
	});
	return lines.length === 0 ? undefined : lines;
}

export function vicidialDialer(
	http: Http,
	clock: Clock,
	settings: VicidialSettings,
	profile: VicidialProfile,
): Dialer {
	const ask = (form: Record<string, string>) => vicidialCall(http, settings, form);
	const search = (ref: string) => ({
		function: 'update_lead',
		search_method: 'VENDOR_LEAD_CODE',
		search_location: 'LIST',
		list_id: profile.listId,
		vendor_lead_code: ref,
	});
	return {
		async add(lead): Promise<Added> {
			const answer = await ask(addForm(lead, profile, clock.now()));
			const trouble = troubleOf(answer, clock.now());
			if (trouble) return trouble;
			const lines = readVicidialAnswer(answer.body);
			if (!lines)
				return { kind: 'unknown', reason: `VICIdial's answer (${answer.status}) could not be read` };
			const added = lines.find(({ kind, words }) => kind === 'SUCCESS' && words === 'LEAD HAS BEEN ADDED');
			// phone_number, user, list_id, lead_id, gmt_offset
			if (added) return { kind: 'taken', ...(added.values[3] ? { providerRef: added.values[3] } : {}) };
			refuseSettings(lines);
			const no = lines.find(({ kind }) => kind === 'ERROR');
			return no
				? { kind: 'refused', reason: `VICIdial refused it: ${withoutPersons(no.words.toLowerCase())}` }
				: { kind: 'unknown', reason: 'VICIdial did not say whether the lead was added' };
		},

		async find(ref) {
			const lines = readVicidialAnswer((await ask({ ...search(ref), no_update: 'Y' })).body);
			const found = lines?.find(({ kind, words }) => kind === 'NOTICE' && words.startsWith('LEADS FOUND'));
			// user, lead_id, vendor_lead_code …
			if (found) return { there: true, ...(found.values[1] ? { providerRef: found.values[1] } : {}) };
			return lines?.some(({ words }) => words.startsWith('NO MATCHES FOUND')) ? { there: false } : 'unknown';
		},

		async withdraw({ ref }): Promise<Withdrawal> {
			if (profile.takenBack === 'nothing')
				return { kind: 'untold', reason: 'the form says to leave leads as they are' };
			const answer = await ask({
				...search(ref),
				...(profile.takenBack === 'delete'
					? { delete_lead: 'Y' }
					: { status: profile.takenBackStatus, callback: 'REMOVE' }),
			});
			if (answer.status >= 500 || answer.status === 429)
				return { kind: 'busy', reason: `VICIdial answered ${answer.status}` };
			const lines = readVicidialAnswer(answer.body) ?? [];
			if (lines.some(({ kind }) => kind === 'SUCCESS')) return { kind: 'withdrawn' };
			if (lines.some(({ words }) => words.startsWith('NO MATCHES FOUND'))) return { kind: 'gone' };
			refuseSettings(lines);
			return { kind: 'busy', reason: 'VICIdial did not say whether the lead was taken back' };
		},

		async update(lead, before): Promise<Update> {
			const number = parsePhoneNumber(lead.phone);
			if (number?.countryCallingCode !== parsePhoneNumber(before.phone)?.countryCallingCode)
				return { kind: 'untold', reason: 'a lead cannot move to another country code' };
			const answer = await ask({ ...search(lead.ref), ...updateForm(lead) });
			if (answer.status >= 500 || answer.status === 429)
				return { kind: 'busy', reason: `VICIdial answered ${answer.status}` };
			const lines = readVicidialAnswer(answer.body) ?? [];
			if (lines.some(({ kind }) => kind === 'SUCCESS')) return { kind: 'updated' };
			if (lines.some(({ words }) => words.startsWith('NO MATCHES FOUND'))) return { kind: 'gone' };
			refuseSettings(lines);
			const no = lines.find(({ kind }) => kind === 'ERROR');
			return no
				? { kind: 'untold', reason: `VICIdial refused it: ${withoutPersons(no.words.toLowerCase())}` }
				: { kind: 'busy', reason: 'VICIdial did not say whether the lead was changed' };
		},
	};
}

/** The dialer asks for values without quotation marks, apostrophes and ampersands; a bar parts its own. */
const plain = (text: string, longest: number) =>
	text
		.replace(/["'`´’&#|\\<>]/g, ' ')
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, longest);

/** Sooner than that is now. */
const SOON = 60_000;

function addForm(lead: Lead, profile: VicidialProfile, now: number): Record<string, string> {
	const later = profile.campaignId !== '' && lead.callFrom > now + SOON;
	const number = parsePhoneNumber(lead.phone);
	return {
		function: 'add_lead',
		phone_number: number?.nationalNumber ?? lead.phone.slice(1),
		phone_code: number?.countryCallingCode ?? profile.countryCode,
		list_id: profile.listId,
		vendor_lead_code: lead.ref,
		source_id: plain(lead.campaign, 50),
		first_name: plain(lead.firstName, 30),
		last_name: plain(lead.lastName, 30),
		city: plain(lead.city, 50),
		postal_code: plain(lead.postalCode, 10),
		comments: plain(lead.script, 255),
		rank: String(lead.priority),
		...(profile.campaignId ? { campaign_id: profile.campaignId } : {}),
		...(profile.dncCheck ? { dnc_check: 'Y' } : {}),
		...(profile.duplicateCheck ? { duplicate_check: profile.duplicateCheck } : {}),
		...(profile.addToHopper && !later
			? {
					add_to_hopper: 'Y',
					hopper_priority: String(lead.priority),
					hopper_local_call_time_check: 'Y',
				}
			: {}),
		...(later
			? {
					callback: 'Y',
					callback_type: 'ANYONE',
					callback_datetime: DateTime.fromMillis(lead.callFrom, { zone: profile.zone }).toFormat(
						'yyyy-MM-dd HH:mm:ss',
					),
				}
			: {}),
		...(profile.customFields ? customFields(lead) : {}),
	};
}

/** The script stays: callers write their own into the comments. Empty fields are said to be so. */
function updateForm(lead: Lead): Record<string, string> {
	return {
		phone_number: parsePhoneNumber(lead.phone)?.nationalNumber ?? lead.phone.slice(1),
		update_phone_number: 'Y',
		first_name: plain(lead.firstName, 30) || BLANK,
		last_name: plain(lead.lastName, 30) || BLANK,
		city: plain(lead.city, 50) || BLANK,
		postal_code: plain(lead.postalCode, 10) || BLANK,
	};
}

const BLANK = '--BLANK--';

/** Labels of custom fields are small letters, digits and underscores. */
function customFields({ data }: Lead): Record<string, string> {
	const fields = Object.entries(data).filter(
		([name]) => /^[a-z]\w{0,49}$/i.test(name) && !RESERVED.has(name),
	);
	return fields.length === 0
		? {}
		: { custom_fields: 'Y', ...Object.fromEntries(fields.map(([name, value]) => [name, plain(value, 255)])) };
}

/** Parameters of the API itself: a name of the form's list never becomes one of them. */
const RESERVED = new Set(
	`user pass source function phone_number phone_code list_id vendor_lead_code source_id first_name last_name city
	postal_code comments rank campaign_id dnc_check campaign_dnc_check duplicate_check add_to_hopper hopper_priority
	hopper_local_call_time_check callback callback_type callback_datetime callback_status callback_user
	callback_comments custom_fields entry_list_id status delete_lead`.split(/\s+/),
);

function troubleOf(answer: HttpAnswer, now: number): Added | undefined {
	const { status } = answer;
	if (status === 429 || status === 503) {
		const wait = retryAfterMs(answer, now);
		return {
			kind: 'busy',
			reason: `VICIdial asked us to wait (${status})`,
			...(wait === undefined ? {} : { retryAfterMs: wait }),
		};
	}
	return status >= 500 ? { kind: 'unknown', reason: `VICIdial answered ${status}` } : undefined;
}

function refuseSettings(lines: readonly VicidialAnswer[]): void {
	const no = lines.find(({ kind }) => kind === 'ERROR')?.words ?? '';
	if (/PERMISSION|LOGIN INCORRECT|LOGGED IN|\bIP\b/i.test(no) && !/DUPLICATE|PHONE/i.test(no))
		throw new StepProblem('VICIdial does not accept the user.', {
			field: 'User',
			hint: "Check 'User' and 'Password' of the VICIdial credential; the user needs level 8 and may modify leads.",
		});
	if (/NOT AN ALLOWED LIST/i.test(no))
		throw new StepProblem("VICIdial does not let the user use the list in 'List ID'.", {
			field: 'List ID',
			hint: 'Check the number of the list, and which lists the user may use.',
		});
}

async function vicidialCall(
	http: Http,
	{ url, userName, password, source }: VicidialSettings,
	form: Record<string, string>,
): Promise<HttpAnswer> {
	const answer = await http({
		method: 'POST',
		url,
		form: { source, user: userName, pass: password, ...form },
	});
	if (answer.status === 401 || answer.status === 403 || answer.status === 404)
		throw new StepProblem(`There is no VICIdial API at this address (${answer.status}).`, {
			field: 'API Address',
			hint: "Check 'API Address' of the VICIdial credential; it ends with /vicidial/non_agent_api.php.",
		});
	return answer;
}

/** Looks for a lead that there is not; changes nothing. */
export async function tryVicidial(http: Http, settings: VicidialSettings): Promise<void> {
	const answer = await vicidialCall(http, settings, {
		function: 'update_lead',
		search_method: 'VENDOR_LEAD_CODE',
		vendor_lead_code: 'memberjourneystest',
		no_update: 'Y',
	});
	const lines = readVicidialAnswer(answer.body);
	const login = typeof answer.body === 'string' && /login incorrect/i.test(answer.body);
	if (login || lines) refuseSettings(lines ?? [{ kind: 'ERROR', words: 'LOGIN INCORRECT', values: [] }]);
	if (lines) return;
	throw new StepProblem(`There is no VICIdial API at this address (${answer.status}).`, {
		field: 'API Address',
		hint: 'It ends with /vicidial/non_agent_api.php.',
	});
}
