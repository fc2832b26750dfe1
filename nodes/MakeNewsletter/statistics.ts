/** What came of newsletters, as Make counts it: opens are raw loads of a picture, those of machines among them. */
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import type { Given, Json, Out, Outputs } from '../../core/step';
import type { MakeClient } from '../../providers/make/client';
import type { MakeAnswer } from '../../providers/make/wire';
import { detailOf } from '../addressees';
import { answered } from '../makeAccess';
import type { Parameters } from './form';

export async function statistics(
	client: MakeClient,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	const out: Out[] = [];
	const asked = new Set<string>();
	for (const { params, json, index } of items) {
		const question = questionOf(client, params, json);
		if (asked.has(question.key)) continue;
		asked.add(question.key);
		const answer = await question.ask();
		if (answer.kind === 'refused' && question.field) {
			throw new StepProblem(`Make has no statistics for what '${question.field}' names. ${answer.reason}.`, {
				field: question.field,
				item: index,
				hint: "Leave 'Sending ID' empty to get all of them with their ids.",
			});
		}
		const found = answered<unknown>(answer);
		for (const one of Array.isArray(found) ? (found as unknown[]) : [found])
			out.push({ json: counted(one as Json), from: index });
	}
	return [out, []];
}

export async function recurringActions(client: MakeClient): Promise<Outputs> {
	const actions = answered(await client.recurringActions());
	return [actions.map((json): Out => ({ json, from: 0 })), []];
}

interface Question {
	key: string;
	/** What names one thing that may not be there. */
	field?: string;
	ask: () => Promise<MakeAnswer<unknown>>;
}

function questionOf(client: MakeClient, params: Parameters, json: Json): Question {
	const { statisticsOf, sendingId, guid, externalId } = params;
	switch (statisticsOf) {
		case 'sending':
			return sendingId
				? { key: `s${sendingId}`, field: 'Sending ID', ask: () => client.statistics(sendingId) }
				: { key: '', ask: () => client.allStatistics() };
		case 'guid':
			return { key: `g${guid}`, field: 'External GUID', ask: () => client.statisticsByGuid(guid) };
		case 'email': {
			const email = params.email || detailOf(json, 'email');
			return { key: `e${email}`, field: 'Email', ask: () => client.newslettersTo({ email }) };
		}
		case 'externalId':
			return {
				key: `x${externalId}`,
				field: 'External ID',
				ask: () => client.newslettersTo({ externalId }),
			};
	}
}

const number = z.coerce.number();

/** Make's published example has numbers; its client has seen an `openrate` that is text. */
function counted(one: Json): Json {
	const { openrate } = one;
	if (typeof openrate !== 'string') return one;
	const read = number.safeParse(openrate.replace(',', '.'));
	return read.success ? { ...one, openrate: read.data } : one;
}
