/** Tries a Make Newsletter credential on both of Make's services. Changes nothing. */
import { systemClock } from '../../core/journeys/clock';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { makeClient } from './client';
import { readMakeSettings } from './settings';
import type { MakeAnswer } from './wire';

export const makeCheck: CredentialCheck = async ({ http }, settings) => {
	const client = makeClient(http, systemClock, readMakeSettings(settings));
	await ask('Subscribers URL', () => client.lists());
	await ask('Newsletters URL', () => client.allStatistics());
};

async function ask(field: string, call: () => Promise<MakeAnswer<unknown>>): Promise<void> {
	const hint = `Check '${field}'; leave it empty to use Make's own address.`;
	let answer: MakeAnswer<unknown>;
	try {
		answer = await call();
	} catch (cause) {
		if (cause instanceof NotSent || cause instanceof AnswerLost)
			throw new StepProblem(`Make cannot be reached at '${field}': ${cause.message}.`, {
				field,
				hint,
				cause,
			});
		throw cause;
	}
	if (answer.kind === 'busy')
		throw new StepProblem(`${answer.reason}.`, { field, hint: 'Try again in a minute.' });
	if (answer.kind !== 'ok') throw new StepProblem(`'${field}': ${answer.reason}.`, { field, hint });
}
