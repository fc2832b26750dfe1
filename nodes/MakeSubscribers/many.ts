/** Up to a thousand people a call: quick, and by Make's word without webhooks. */
import type { Out } from '../../core/step';
import { storeInBulk } from '../../providers/make/bulk';
import { LARGEST_BULK, listStatuses } from '../../providers/make/client';
import { membersOf } from '../../providers/make/listMembers';
import { patiently } from '../../providers/make/patiently';
import { answered, listGone, makeAccess } from '../makeAccess';
import type { Work } from './form';

import { type Person, done, howToStore, need, peopleOf, refused, shown } from './subscribers';

export const storeMany: Work = async (ctx, items) => {
	for (const { params, index } of items)
		if (params.way !== 'updateByExternalId')
			need(params.lists, 'List Names or IDs', index, 'Choose the list in Make. Make wants at least one.');
	const store = await ctx.store();
	const { account, client } = await makeAccess(ctx, store);
	const { people, problems } = await peopleOf(ctx, store, items);
	const well: Out[] = [];
	const not: Out[] = [...problems];
	const real = sift(people, well, not);
	for (const group of alike(real)) {
		const [{ params }] = group as [Person];
		const how = howToStore(params);
		const stored = await storeInBulk(
			group.map(({ row }) => row),
			(rows) => patiently(ctx.clock, () => account.bulk(params.way, rows, how)),
			(count) => ctx.progress(count, group.length, 'stored'),
		);
		if (stored.kind === 'refused' && stored.status === 404) throw listGone(group[0]?.who.index);
		const reasons = answered(stored);
		const standing = new Map<string, string>();
		const [list] = params.lists;
		const checked = params.options.checkList && list !== undefined;
		if (checked) {
			for (const status of listStatuses)
				for (const email of answered(
					await membersOf(client, list, status, (call) => patiently(ctx.clock, call)),
				))
					standing.set(email, status);
		}
		for (const [place, person] of group.entries()) {
			const email = typeof person.row.email === 'string' ? person.row.email : '';
			const reason = reasons.get(place);
			const status = standing.get(email);
			if (reason !== undefined) not.push(refused(person, reason));
			else if (checked && email && !status)
				not.push(refused(person, 'Make has not taken this person into the list'));
			else well.push(done(person, { state: 'stored', ...(status ? { status } : {}) }));
		}
	}
	ctx.hint(`${well.length} stored, ${not.length} refused.`);
	return [well, not];
};

export const removeMany: Work = async (ctx, items) => {
	for (const { params, index } of items)
		need(params.lists, 'List Names or IDs', index, 'Choose the list in Make that people are taken out of.');
	const store = await ctx.store();
	const { account } = await makeAccess(ctx, store);
	// Only the address counts here; it is read as for storing.
	const { people, problems } = await peopleOf(
		ctx,
		store,
		items.map((item) => ({ ...item, params: { ...item.params, operation: 'signUp' } })),
	);
	const well: Out[] = [];
	const not: Out[] = [...problems];
	for (const group of alike(sift(people, well, not))) {
		const [{ params }] = group as [Person];
		for (let from = 0; from < group.length; from += LARGEST_BULK) {
			const part = group.slice(from, from + LARGEST_BULK);
			const answer = await patiently(ctx.clock, () =>
				account.bulkRemove(
					params.lists,
					part.map(({ row }) => String(row.email)),
				),
			);
			if (answer.kind === 'refused' && answer.status === 404) throw listGone(part[0]?.who.index);
			answered(answer);
			for (const person of part) well.push(done(person, { state: 'removed' }));
			ctx.progress(from + part.length, group.length, 'removed');
		}
	}
	ctx.hint(`${well.length} taken out of the list, ${not.length} refused.`);
	return [well, not];
};

/** Those to be sent to Make; the others leave. Make keeps one subscriber to each address: the first of twins. */
function sift(people: readonly Person[], well: Out[], not: Out[]): Person[] {
	const seen = new Set<string>();
	return people.filter((person) => {
		if (person.reason) not.push(refused(person, person.reason));
		else if (person.test) well.push(shown(person));
		else {
			const email = String(person.row.email ?? '');
			if (!email || !seen.has(email)) {
				seen.add(email);
				return true;
			}
			not.push(
				refused(
					person,
					'Shares the e-mail address with somebody else here; Make keeps one subscriber to each',
				),
			);
		}
		return false;
	});
}

function alike(people: readonly Person[]): Person[][] {
	const groups = new Map<string, Person[]>();
	for (const person of people) {
		const key = JSON.stringify([person.params.way, howToStore(person.params)]);
		const group = groups.get(key);
		if (group) group.push(person);
		else groups.set(key, [person]);
	}
	return [...groups.values()];
}
