/** Which column of a file goes where: by its heading, unless a saved mapping says otherwise. */
import { z } from 'zod/v4';
import { StepProblem } from '../../ports';
import { keepSetting, settingOf } from '../../store/setting';
import type { Store, Writing } from '../../store/store';
import { ANY_PURPOSE, type PlainTarget, type Target, isTarget } from '../given';

/** Heading → target; `ignore` leaves the column out although its heading is known. */
export const importMapping = z.record(
	z.string().min(1),
	z.string().refine((text) => text === 'ignore' || isTarget(text), {
		error: (issue) => `“${String(issue.input)}” is no place in the register`,
	}),
);
export type ImportMapping = z.infer<typeof importMapping>;

export interface Column {
	/** As the file has it. */
	heading: string;
	target: Target | undefined;
}

/** Headings in lower case without marks, spaces and punctuation. */
const KNOWN: Record<PlainTarget, string[]> = {
	memberNumber: [
		'medlemsnummer',
		'medlemsnr',
		'medlemnr',
		'medlemid',
		'personnr',
		'kundenummer',
		'membernumber',
		'memberid',
	],
	name: ['navn', 'fulltnavn', 'name', 'fullname'],
	givenName: ['fornavn', 'givenname', 'firstname'],
	familyName: ['etternavn', 'familyname', 'lastname', 'surname'],
	birthDate: ['fødselsdato', 'født', 'birthdate', 'dateofbirth', 'birthday'],
	gender: ['kjønn', 'gender', 'sex'],
	language: ['språk', 'målform', 'language'],
	zone: ['tidssone', 'timezone'],
	street: ['adresse', 'gateadresse', 'postadresse', 'gate', 'address', 'street'],
	postalCode: ['postnr', 'postnummer', 'postalcode', 'zip', 'zipcode', 'postcode'],
	city: ['poststed', 'sted', 'by', 'city', 'town'],
	country: ['land', 'landkode', 'country'],
	deceasedOn: ['død', 'dødsdato', 'deceasedon'],
	protected: [
		'adressesperre',
		'sperretadresse',
		'adressebeskyttelse',
		'adressegradering',
		'addressprotection',
		'protected',
	],
	email: ['epost', 'epostadresse', 'email', 'mail', 'emailaddress'],
	phone: [
		'mobil',
		'mobiltelefon',
		'mobilnummer',
		'telefon',
		'tlf',
		'telefonnummer',
		'phone',
		'mobile',
		'phonenumber',
	],
	labels: ['etikett', 'etiketter', 'merkelapp', 'merkelapper', 'labels', 'label', 'tags'],
	'membership.kind': [
		'medlemskap',
		'medlemstype',
		'medlemskapstype',
		'membership',
		'membershipkind',
		'membershiptype',
	],
	'membership.unit': ['lokallag', 'lag', 'avdeling', 'forening', 'klubb', 'unit', 'branch'],
	'membership.status': ['status', 'medlemsstatus', 'membershipstatus'],
	'membership.startedOn': [
		'innmeldt',
		'innmeldtdato',
		'innmeldingsdato',
		'medlemfra',
		'medlemsiden',
		'startedon',
		'joined',
	],
	'membership.endedOn': ['utmeldt', 'utmeldtdato', 'utmeldingsdato', 'medlemtil', 'endedon', 'left'],
	'membership.paidOn': ['betalt', 'betaltdato', 'betalingsdato', 'paidon', 'paid'],
	'membership.paidUntil': ['betalttil', 'betaltut', 'paiduntil'],
	'employment.employer': ['arbeidsgiver', 'arbeidssted', 'employer'],
	'employment.title': ['stilling', 'yrke', 'title', 'jobtitle'],
	'employment.startedOn': ['ansattfra', 'employedsince'],
	'employment.endedOn': ['ansatttil', 'employeduntil'],
};

const BY_HEADING = new Map<string, PlainTarget>(
	Object.entries(KNOWN).flatMap(([target, headings]) =>
		headings.map((heading): [string, PlainTarget] => [heading, target as PlainTarget]),
	),
);

const CHANNELS: Record<string, string> = {
	epost: 'email',
	email: 'email',
	sms: 'sms',
	mobil: 'sms',
	telefon: 'phone',
	phone: 'phone',
	post: 'letter',
	brev: 'letter',
	letter: 'letter',
};

/** Where a heading leads without a mapping; undefined when it is not known. */
export function defaultTarget(heading: string): Target | undefined {
	const plain = heading
		.normalize('NFC')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, '');
	const known = BY_HEADING.get(plain);
	if (known) return known;
	const [, about, rest] =
		/^(samtykke|consent|reservasjon|reservert|reservation|reserved)(?:for|mot|til)?(.+)$/.exec(plain) ?? [];
	const channel = rest ? CHANNELS[rest] : undefined;
	if (!about || !channel) return undefined;
	return about === 'samtykke' || about === 'consent'
		? `consent.${channel}.${ANY_PURPOSE}`
		: `reservation.${channel}`;
}

/**
 * The file's columns and where each goes. Headings that lead nowhere are left out.
 * @throws {StepProblem} naming the heading that is missing, or there twice, or what nobody can be known by.
 */
export function columnsOf(headings: readonly string[], mapping: ImportMapping = {}): Column[] {
	const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
	for (const wanted of Object.keys(mapping)) {
		if (headings.some((heading) => same(heading, wanted))) continue;
		throw new StepProblem(`The file has no column “${wanted}”, which the mapping names.`, {
			field: wanted,
			hint: `Its columns are: ${headings.join(', ')}.`,
		});
	}
	const columns = headings.map((heading): Column => {
		const own = Object.entries(mapping).find(([wanted]) => same(wanted, heading))?.[1];
		const target = own === 'ignore' ? undefined : ((own as Target | undefined) ?? defaultTarget(heading));
		return { heading: heading.trim(), target };
	});
	const targets = new Set(columns.map((column) => column.target));
	if (!targets.has('memberNumber') && !targets.has('email') && !targets.has('phone')) {
		throw new StepProblem(
			'The file has no column that tells who a row is about: Medlemsnummer, E-post or Mobil.',
			{
				field: 'Medlemsnummer',
				hint: `The first line must hold the headings. It was read as: ${headings.slice(0, 30).join(', ')}.`,
			},
		);
	}
	for (const { heading, target } of columns) {
		if (target === undefined || target === 'email' || target === 'phone' || target === 'labels') continue;
		const twice = columns.filter((column) => column.target === target);
		if (twice.length < 2) continue;
		throw new StepProblem(
			`The columns ${twice.map((column) => `“${column.heading}”`).join(' and ')} both hold the same thing (${target}).`,
			{ field: heading, hint: 'Set one of them to ignore in the import mapping.' },
		);
	}
	return columns;
}

const keyOf = (name: string) => `import-mapping:${name}`;

/** @throws {StepProblem} when a target is no place in the register. */
export function readMapping(mapping: unknown): ImportMapping {
	const read = importMapping.safeParse(mapping, { reportInput: true });
	if (read.success) return read.data;
	const [issue] = read.error.issues;
	throw new StepProblem(
		`The import mapping does not read at “${issue?.path.join('.')}”: ${issue?.message}.`,
		{
			field: 'Column Mapping',
			hint: 'Give each heading a place such as memberNumber, membership.status, consent.email or attribute.shoeSize.',
		},
	);
}

/** @throws {StepProblem} when a target is no place in the register. */
export async function saveMapping({ db }: Writing, name: string, mapping: unknown): Promise<void> {
	await keepSetting(db, keyOf(name), JSON.stringify(readMapping(mapping)));
}

/** @throws {StepProblem} when no mapping has that name. */
export async function loadMapping(store: Store, name: string): Promise<ImportMapping> {
	const found = await settingOf(store.db, keyOf(name));
	if (found !== undefined) return importMapping.parse(JSON.parse(found));
	const names = await listMappings(store);
	throw new StepProblem(`There is no saved mapping “${name}”.`, {
		field: 'Saved Mapping',
		hint: names.length > 0 ? `There are: ${names.join(', ')}.` : 'Save one first, or leave the field empty.',
	});
}

export async function listMappings(store: Store): Promise<string[]> {
	const rows = await store.db
		.selectFrom('setting')
		.select('key')
		.where('key', 'like', 'import-mapping:%')
		.orderBy('key')
		.execute();
	return rows.map((row) => row.key.slice('import-mapping:'.length));
}
