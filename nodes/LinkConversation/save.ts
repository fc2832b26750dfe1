/** What an answer changes in the register. */
import { DateTime } from 'luxon';
import type { Answer } from '../../core/answers/answer';
import { StepProblem } from '../../core/ports';
import { ANY_PURPOSE, type RegisterPerson } from '../../core/register/given';
import { upsertPersons } from '../../core/register/upsert';
import type { Store, Writing } from '../../core/store/store';
import { type Parameters, type SaveRow, inWords } from './form';

/** Where consents and reservations are noted to come from. */
export const SOURCE = 'LINK Conversation';

/** @throws {StepProblem} when a row names an answer that the question does not have, or lacks what it is to write. */
export function checkSave(params: Parameters): void {
	const known = namesOf(params);
	for (const { to, on, key, label, status } of params.save.row) {
		const refuse = (field: string, what: string, hint: string) =>
			new StepProblem(`'${field}' in 'Save Answer To' ${what}.`, { field: 'Save Answer To', hint });
		if (on !== '' && !known.flat().includes(on.toLowerCase()))
			throw refuse(
				'When the Answer Is',
				known.length === 0
					? `is '${on}', but such a question has no fixed answers`
					: `is '${on}', which is no answer`,
				known.length === 0
					? 'Leave it empty.'
					: `Use one of these, or leave it empty: ${known.map(([name]) => name).join(', ')}.`,
			);
		if (to === 'email' && params.answers !== 'email')
			throw refuse('Save To', 'is an e-mail address', "Choose 'E-Mail Address' as 'Expected Answer'.");
		if (to === 'attribute' && key === '') throw refuse('Attribute', 'is empty', 'Name the attribute.');
		if ((to === 'addLabel' || to === 'removeLabel') && label === '')
			throw refuse('Label', 'is empty', 'Name the label.');
		if (to === 'membership' && status === '')
			throw refuse('Status', 'is empty', 'Write the status as the register has it.');
	}
}

/** Per answer, what a row may call it; the first is the name. */
function namesOf({ answers, choices, options }: Parameters): string[][] {
	if (answers === 'choices') return choices.choice.map(({ name }) => [name.toLowerCase()]);
	if (answers !== 'yesNo') return [];
	return [
		['yes', 'ja', options.yesButton.toLowerCase()],
		['no', 'nei', options.noButton.toLowerCase()],
	];
}

/** The rows that this answer is about. */
export function rowsFor(params: Parameters, answer: Answer): SaveRow[] {
	const names = namesOf(params)[answer.which] ?? [];
	return params.save.row.filter(({ on }) => on === '' || names.includes(on.toLowerCase()));
}

export interface Saving {
	personId: number;
	params: Parameters;
	answer: Answer;
}

/** Writes it, with the changes that journeys go by. `now` in epoch ms. */
export async function saveAnswers(
	writing: Writing,
	store: Store,
	now: number,
	zone: string,
	saving: readonly Saving[],
): Promise<void> {
	const wanted = saving.filter(({ params, answer }) => rowsFor(params, answer).length > 0);
	if (wanted.length === 0) return;
	const today = DateTime.fromMillis(now, { zone }).toISODate() ?? '';
	const persons: RegisterPerson[] = [];
	for (const { personId, params, answer } of wanted) {
		const person: RegisterPerson = { id: personId };
		for (const row of rowsFor(params, answer))
			await add(writing, person, personId, row, params, answer, today);
		persons.push(person);
	}
	await upsertPersons(writing, store, now, persons, SOURCE);
}

async function add(
	{ db }: Writing,
	person: RegisterPerson,
	personId: number,
	{ to, key, value, label, channel, purpose, status, kind }: SaveRow,
	params: Parameters,
	answer: Answer,
	today: string,
): Promise<void> {
	const isKind = (own: string) => kind === '' || own.toLowerCase() === kind.toLowerCase();
	switch (to) {
		case 'attribute':
			person.attributes = { ...person.attributes, [key]: value || inWords(params, answer) };
			return;
		case 'addLabel':
			person.labels = [...(person.labels ?? []), label];
			return;
		case 'removeLabel':
			person.labelsRemoved = [...(person.labelsRemoved ?? []), label];
			return;
		case 'consentGiven':
		case 'consentRefused':
			person.consents = [
				...(person.consents ?? []),
				{ channel, purpose: purpose || ANY_PURPOSE, granted: to === 'consentGiven' },
			];
			return;
		case 'email':
			person.emails = [String(answer.value)];
			return;
		case 'membership': {
			const rows = await db
				.selectFrom('membership')
				.select(['kind', 'unit'])
				.where('person_id', '=', personId)
				.execute();
			person.memberships = rows.filter((row) => isKind(row.kind)).map((row) => ({ ...row, status }));
			return;
		}
		case 'employmentEnd': {
			const rows = await db
				.selectFrom('employment')
				.select(['employer', 'title'])
				.where('person_id', '=', personId)
				.where('ended_on', 'is', null)
				.execute();
			person.employments = rows
				.filter(({ employer, title }) => isKind(employer) || isKind(title))
				.map((row) => ({ ...row, endedOn: today }));
		}
	}
}
