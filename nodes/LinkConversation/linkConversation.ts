/** Asks people on a journey something, and lets each go on by what they answer. */
import { DateTime, IANAZone } from 'luxon';
import { type Answer, type Question as Form, readReplies } from '../../core/answers/answer';
import { CONVERSATION, TIME_IS_UP } from '../../core/conversations/replies';
import {
	type Asking,
	type Closing,
	type Outcome,
	type Present,
	awaitAnswers,
	callOff,
	closeQuestions,
	forgetPassed,
	openQuestions,
	present,
} from '../../core/conversations/question';
import { attempt } from '../../core/attempt';
import { type Delivered, type Wanted, deliver, journeyKey } from '../../core/dispatch/deliver';
import { countedByCode } from '../../core/dispatch/rules';
import { type Registered, type StepToKnow, knownStep, registerStep } from '../../core/journeys/journey';
import { releasePeople } from '../../core/journeys/release';
import { type Traveller, readTraveller } from '../../core/journeys/traveller';
import { type Clock, StepProblem } from '../../core/ports';
import { readPhone } from '../../core/register/contact';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Json, Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { detailOf } from '../addressees';
import { looseEnds } from '../looseEnds';
import { reportCounts } from '../reportCounts';
import {
	FIRST_ANSWER,
	NOT_SENT,
	NOT_UNDERSTOOD,
	NO_ANSWER,
	type Parameters,
	gateSettingsOf,
	inWords,
	labelsOf,
	outputs,
	parameters,
	questionOf,
	subjectOf,
	waitMs,
} from './form';
import { checkSave, saveAnswers } from './save';
import { type Way, type Words, checkSender, wayOf } from './ways';

export const linkConversation: Step<Parameters> = {
	name: CONVERSATION,
	parameters,
	outputs: [...outputs.always, 'Yes', 'No'],
	outputsBy: outputs,
	reenters: true,

	async run(ctx, params, items) {
		for (const one of new Set(items.map((item) => item.params))) checkForm(one);
		if (ctx.testRun) return tried(ctx, params, items);
		const people = items.map((item): Carried => ({ ...item, traveller: travellerIn(item) }));
		const { store, id, zone, countryCode } = await register(ctx, params, knownStep);
		const desk: Desk = {
			ctx,
			store,
			stepId: id,
			zone,
			countryCode,
			way: await wayOf(ctx, store, params),
			texts: new Map(),
		};
		const result = new Result(labelsOf(params).length);
		let open = people;
		for (let round = 0; open.length > 0; round += 1) {
			if (round === MOST_ROUNDS) {
				throw new StepProblem('Replies came in faster than they could be read.', {
					hint: 'Try these people again from Journey People; nobody is asked twice.',
				});
			}
			open = await decide(desk, open, result);
		}
		ctx.hint(result.words(looseEnds(ctx, labelsOf(params))));
		return result.outputs;
	},

	async listen(ctx, params, emit) {
		checkForm(params);
		const { store, id, lastSeen } = await register(ctx, params, registerStep);
		const loose = looseEnds(ctx, labelsOf(params));
		if (loose) ctx.log('info', loose);
		const tidying = tidyHourly(ctx, store, id);
		const stop = await releasePeople(
			{
				store,
				clock: ctx.clock,
				stepId: id,
				lastSeen,
				// In the order of HELD, TIME_IS_UP, HEARD: they come to `run` again, which finds out the rest.
				outcomes: ['held', 'timedOut', 'answered'],
				log: (level, text) => ctx.log(level, text),
				counts: reportCounts(ctx),
			},
			emit,
		);
		return async (why) => {
			tidying();
			await stop(why);
		};
	},
};

const HOUR = 3_600_000;

/** Forgets, now and from then on, what those answered who have gone on. @returns a way to end it */
function tidyHourly({ clock, log }: StepContext, store: Store, stepId: number): () => void {
	let calledOff: () => void = () => undefined;
	let ended = false;
	const tidy = () => {
		void forgetPassed(store, clock.now(), stepId)
			.catch(() => log('warn', 'Answers of those who have gone on could not be forgotten yet.'))
			.finally(() => {
				if (!ended) calledOff = clock.at(clock.now() + HOUR, tidy);
			});
	};
	tidy();
	return () => {
		ended = true;
		calledOff();
	};
}

/** What comes in while this run is at work is looked at again, so often at most. */
const MOST_ROUNDS = 10;

interface Carried extends Given<Parameters> {
	traveller: Traveller;
}

interface Desk {
	ctx: StepContext;
	store: Store;
	stepId: number;
	zone: string;
	countryCode: string;
	way: Way;
	texts: Map<string, CompiledTemplate>;
}

/** What the items say about the answer, under `answer`. */
interface AnswerJson extends Json {
	state: 'understood' | 'notUnderstood' | 'noAnswer' | 'stopped' | 'notSent' | 'notDelivered';
}

class Result {
	readonly outputs: Outputs;
	asked = 0;
	held = 0;
	queued = 0;
	stale = 0;
	private readonly why: Array<string | undefined> = [];

	constructor(count: number) {
		this.outputs = Array.from({ length: count }, () => []);
	}

	leave({ json, index }: Carried, { output, answer }: Outcome): void {
		this.outputs[output]?.push({ json: { ...json, answer }, from: index });
	}

	/** By the output for what was not sent, where a flow that goes on with failed items finds it. */
	refuse({ json, index }: Carried, problem: StepProblem): void {
		this.outputs[NOT_SENT]?.push({ json, from: index, problem });
	}

	because(delivered: readonly Delivered[]): void {
		for (const { state, code } of delivered) if (state === 'skipped' || state === 'held') this.why.push(code);
	}

	words(loose: string | undefined): string {
		const left = (from: number, to?: number) =>
			this.outputs.slice(from, to).reduce((sum, output) => sum + output.length, 0);
		const why = countedByCode(this.why);
		const counts: Array<[number, string]> = [
			[this.asked, 'asked and waited for'],
			[left(FIRST_ANSWER), 'answered'],
			[left(NOT_UNDERSTOOD, FIRST_ANSWER), 'not understood'],
			[left(NO_ANSWER, NOT_UNDERSTOOD), 'without an answer'],
			[left(NOT_SENT, NO_ANSWER), 'not sent'],
			[this.held, 'held back until later'],
			[this.queued, 'with another question to answer first'],
			[this.stale, 'had left the journey or moved on before'],
		];
		const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
		return `${said.join(', ') || 'Nobody came'}${why ? ` (${why})` : ''}.${loose ? ` ${loose}` : ''}`;
	}
}

type Ask = Asking & { one: Carried; message: Words; impossible?: string; purpose: string };
type Close = Closing & { one: Carried; answer?: Answer };

/** One look at everybody. @returns those of whom something has come in meanwhile: they are looked at once more. */
async function decide(desk: Desk, people: Carried[], result: Result): Promise<Carried[]> {
	const there = await present(
		desk.store,
		desk.stepId,
		people.map(({ traveller }) => traveller),
	);
	const asks: Ask[] = [];
	const closes: Close[] = [];
	const parks: Carried[] = [];
	for (const one of people) {
		const here = there.get(one.traveller.enrolmentId);
		if (!here) {
			result.stale += 1;
			continue;
		}
		const next = nextFor(desk, one, here);
		if (next.kind === 'leave') result.leave(one, next.outcome);
		else if (next.kind === 'close') closes.push(next.close);
		else if (next.kind === 'park') parks.push(one);
		else {
			const ask = prepared(desk, one, here, next.asked, result);
			if (ask) asks.push(ask);
		}
	}
	await parkAsked(desk, parks, result);
	return [...(await close(desk, closes, result)), ...(await ask(desk, asks, result))];
}

type Next =
	| { kind: 'leave'; outcome: Outcome }
	| { kind: 'close'; close: Close }
	| { kind: 'ask'; asked: number }
	| { kind: 'park' };

/** What is to be done with somebody, by how their question stands. */
function nextFor({ ctx, zone }: Desk, one: Carried, { hop, question }: Present): Next {
	const { released, params, traveller } = one;
	// Here for the first time, or once more on another round of the journey.
	if (!question || (released === undefined && question.hop !== hop)) return { kind: 'ask', asked: 1 };
	const closing = (output: number, answer: AnswerJson, more: Partial<Close> = {}): Next => ({
		kind: 'close',
		close: {
			one,
			enrolmentId: traveller.enrolmentId,
			hop,
			mark: question.mark,
			outcome: { output, answer: { ...answer, asked: question.asked } },
			...more,
		},
	});
	switch (question.state) {
		case 'closed':
			return question.outcome ? { kind: 'leave', outcome: question.outcome } : { kind: 'ask', asked: 1 };
		case 'stopped':
			return closing(NO_ANSWER, { state: 'stopped' });
		case 'failed':
			return closing(NOT_SENT, { state: 'notDelivered' });
		case 'queued':
			return { kind: 'ask', asked: 1 };
		case 'open':
			return question.hop !== hop && released === TIME_IS_UP
				? closing(NO_ANSWER, { state: 'noAnswer' })
				: { kind: 'ask', asked: question.asked };
		case 'answered': {
			const own = detailOf(one.json, 'zone');
			const today = dayIn(ctx, IANAZone.isValidZone(own) ? own : zone);
			const answer = readReplies(questionOf(params), question.replies, today);
			const text = params.options.keepText ? { text: question.replies.join('\n') } : {};
			if (answer) {
				const { value } = answer;
				const words = inWords(params, answer);
				return closing(
					FIRST_ANSWER + answer.which,
					{ state: 'understood', value, words, ...text },
					{ answer, subject: subjectOf(params, answer) },
				);
			}
			// A run that died had asked them, and they have been quicker than the next. The key of that message is used up.
			if (question.hop === hop && question.asked <= params.askAgain) return { kind: 'park' };
			if (question.asked <= params.askAgain) return { kind: 'ask', asked: question.asked + 1 };
			return closing(NOT_UNDERSTOOD, { state: 'notUnderstood', ...text });
		}
	}
}

async function close(
	{ ctx, store, stepId, zone }: Desk,
	closes: readonly Close[],
	result: Result,
): Promise<Carried[]> {
	if (closes.length === 0) return [];
	const now = ctx.clock.now();
	const saving = new Map(
		closes.flatMap(({ enrolmentId, one, answer }) =>
			answer ? [[enrolmentId, { params: one.params, answer }] as const] : [],
		),
	);
	const writes = closes.some(({ one, answer }) => answer && one.params.save.row.length > 0);
	const done = await closeQuestions(
		store,
		now,
		stepId,
		closes,
		writes
			? (writing, closed) =>
					saveAnswers(
						writing,
						store,
						now,
						zone,
						[...closed].flatMap(([enrolmentId, { personId }]) => {
							const said = saving.get(enrolmentId);
							return said ? [{ personId, ...said }] : [];
						}),
					)
			: undefined,
	);
	const again: Carried[] = [];
	for (const { enrolmentId, one, outcome } of closes) {
		if (done.has(enrolmentId)) result.leave(one, outcome);
		else again.push(one);
	}
	return again;
}

async function parkAsked({ ctx, store, stepId, zone }: Desk, parks: readonly Carried[], result: Result) {
	const [first] = parks;
	if (!first) return;
	const keyOf = ({ traveller: { enrolmentId, hop } }: Carried) => journeyKey(enrolmentId, stepId, hop);
	const rows = await store.db
		.selectFrom('dispatch')
		.select(['id', 'key'])
		.where(store.amongTexts('key', parks.map(keyOf)))
		.execute();
	const idOf = new Map(rows.map(({ id, key }) => [key, id]));
	result.asked += await awaitAnswers(
		store,
		ctx.clock.now(),
		{ stepId, settings: gateSettingsOf(first.params, zone) },
		parks.map((one) => ({ ...one.traveller, json: one.json, dispatchId: idOf.get(keyOf(one)) ?? null })),
	);
}

/** The message for one person; undefined when its text cannot be filled in and the run goes on without it. */
function prepared(desk: Desk, one: Carried, here: Present, asked: number, result: Result): Ask | undefined {
	const tried = attempt(() => askOf(desk, one, here, asked), one.index);
	if ('value' in tried) return tried.value;
	if (!desk.ctx.continueOnFail) throw tried.problem;
	result.refuse(one, tried.problem);
	return undefined;
}

function askOf({ countryCode, texts, way }: Desk, one: Carried, here: Present, asked: number): Ask {
	const { json, params, traveller } = one;
	const number = detailOf(json, 'phone');
	const address = number ? readPhone(number, countryCode) : undefined;
	const message = wordsFor(texts, one, asked);
	const wrong = way.wrong(message);
	const impossible = !number
		? 'has no phone number'
		: address === undefined
			? 'has a phone number that cannot be read'
			: wrong && `'Question' ${wrong}`;
	return {
		one,
		enrolmentId: traveller.enrolmentId,
		personId: here.personId,
		hop: here.hop,
		address: address ?? '',
		asked,
		mark: here.question?.mark,
		json,
		message,
		...(impossible === undefined ? {} : { impossible }),
		// What answers a reply of theirs needs no consent, and counts towards no cap.
		purpose: asked > 1 ? '' : params.purpose,
	};
}

function wordsFor(texts: Map<string, CompiledTemplate>, { json, params }: Carried, asked: number): Words {
	const filled = (text: string, field: string, more: Json = {}) => {
		let template = texts.get(`${field} ${text}`);
		if (!template) {
			template = compileTemplate(text, field);
			texts.set(`${field} ${text}`, template);
		}
		return template.render({ ...json, item: json, ...more }).trim();
	};
	const { options, choices, sender } = params;
	const question = filled(params.question, 'Question');
	const bare = asked > 1 ? filled(params.againText, 'Text When Not Understood', { question }) : question;
	const buttons =
		params.answers === 'yesNo'
			? [options.yesButton, options.noButton]
			: params.answers === 'choices'
				? choices.choice.map(({ name }) => name)
				: [];
	const list = params.answers === 'choices' && options.listChoices;
	const text = list ? [bare, ...buttons.map((name, index) => `${index + 1} ${name}`)].join('\n') : bare;
	return { bare, text, buttons, sender, validForMs: waitMs(params) };
}

/** Opens the questions, sends them, and parks whom they reached. */
async function ask(desk: Desk, all: readonly Ask[], result: Result): Promise<Carried[]> {
	if (all.length === 0) return [];
	const { ctx, store, stepId, zone, way } = desk;
	const now = () => ctx.clock.now();
	const possible = all.filter(({ impossible }) => impossible === undefined);
	const { open, queued } = await openQuestions(store, now(), stepId, possible);
	result.queued += queued.size;
	const again = possible
		.filter(({ enrolmentId }) => !open.has(enrolmentId) && !queued.has(enrolmentId))
		.map(({ one }) => one);
	const asks = all.filter(({ enrolmentId, impossible }) => impossible !== undefined || open.has(enrolmentId));
	if (asks.length === 0) return again;
	const wanted = asks.map((one, item): Wanted<Words> => ({
		item,
		key: journeyKey(one.enrolmentId, stepId, one.hop),
		personId: one.personId,
		enrolmentId: one.enrolmentId,
		address: one.address || null,
		message: one.message,
		purpose: one.purpose,
		...(one.impossible === undefined ? {} : { impossible: one.impossible }),
		hold: { hop: one.hop, json: one.json },
	}));
	const delivered = await deliver(
		{ store, clock: ctx.clock, stepId, zone, progress: ctx.progress },
		way.channel,
		wanted,
	).catch(async (cause: unknown) => {
		await callOff(store, now(), stepId, await unsent(store, asks, wanted));
		throw cause;
	});
	result.because(delivered);
	const of = (wish: (one: Delivered) => boolean) =>
		delivered.flatMap((one) => {
			const asked = wish(one) ? asks[one.item] : undefined;
			return asked ? [{ ...asked, delivered: one }] : [];
		});
	const reached = of(({ state }) => state === 'accepted' || state === 'delivered' || state === 'unknown');
	const held = of(({ state }) => state === 'held');
	const not = of(({ state }) => state === 'failed' || state === 'skipped');
	result.held += held.length;
	// Whoever was asked before and is held back now may still answer what they were asked.
	await callOff(
		store,
		now(),
		stepId,
		[...held, ...not].filter(({ asked }) => asked === 1),
	);
	result.asked += await awaitAnswers(
		store,
		now(),
		{ stepId, settings: gateSettingsOf(asks[0]!.one.params, zone) },
		reached.map((one) => ({ ...one, dispatchId: one.delivered.dispatchId })),
	);
	for (const { one, delivered, asked } of not.filter(({ asked }) => asked === 1))
		result.leave(one, notSent(delivered, asked));
	const closes = not
		.filter(({ asked }) => asked > 1)
		.map(({ one, enrolmentId, hop, delivered, asked }): Close => ({
			one,
			enrolmentId,
			hop,
			outcome: notSent(delivered, asked),
		}));
	return [...again, ...(await close(desk, closes, result))];
}

function notSent({ reason, code }: Delivered, asked: number): Outcome {
	const why = { ...(reason ? { reason } : {}), ...(code ? { code } : {}) };
	return { output: NOT_SENT, answer: { state: 'notSent', ...why, asked } };
}

/** Of those of whom the ledger has no message: their questions are not open. */
async function unsent(store: Store, asks: readonly Ask[], wanted: ReadonlyArray<Wanted<Words>>) {
	const rows = await store.db
		.selectFrom('dispatch')
		.select('key')
		.where(
			store.amongTexts(
				'key',
				wanted.map(({ key }) => key),
			),
		)
		.execute();
	const sent = new Set(rows.map(({ key }) => key));
	return asks.filter((_, item) => !sent.has(wanted[item]?.key ?? ''));
}

/** A run by hand asks nobody: everybody gives the answer that the form says, and it is read as a reply would be. */
function tried(ctx: StepContext, first: Parameters, items: ReadonlyArray<Given<Parameters>>): Outputs {
	const labels = labelsOf(first);
	const all: Out[][] = labels.map(() => []);
	const today = dayIn(ctx, 'Europe/Oslo');
	const texts = new Map<string, CompiledTemplate>();
	for (const item of items) {
		const { json, index, params } = item;
		const outcome = outcomeInTest(params, questionOf(params), today);
		const { text } = wordsFor(texts, { ...item, traveller: NOBODY }, 1);
		all[outcome.output]?.push({
			json: { ...json, answer: { ...outcome.answer, question: text } },
			from: index,
		});
	}
	ctx.hint(`Test run: nobody was asked. Each item says under 'answer' what would have been sent.`);
	return all;
}

const NOBODY: Traveller = { enrolmentId: 0, hop: 0, personId: 0, journeyKey: '', test: true };

function outcomeInTest(params: Parameters, question: Form, today: string): Outcome {
	switch (params.testWith) {
		case 'notSent':
			return { output: NOT_SENT, answer: { state: 'notSent' } };
		case 'noAnswer':
			return { output: NO_ANSWER, answer: { state: 'noAnswer' } };
		case 'notUnderstood':
			return { output: NOT_UNDERSTOOD, answer: { state: 'notUnderstood' } };
		case 'reply': {
			if (params.testReply === '') return { output: FIRST_ANSWER, answer: { state: 'understood' } };
			const answer = readReplies(question, [params.testReply], today);
			if (!answer) return { output: NOT_UNDERSTOOD, answer: { state: 'notUnderstood' } };
			const { value } = answer;
			return {
				output: FIRST_ANSWER + answer.which,
				answer: { state: 'understood', value, words: inWords(params, answer) },
			};
		}
	}
}

const dayIn = ({ clock }: StepContext, zone: string) =>
	DateTime.fromMillis(clock.now(), { zone }).toISODate() ?? '';

function checkForm(params: Parameters): void {
	if (params.question.trim() === '')
		throw new StepProblem("'Question' is empty.", { field: 'Question', hint: 'Write what to ask.' });
	checkSender(params);
	questionOf(params);
	checkSave(params);
}

function travellerIn({ json, index }: Given<Parameters>): Traveller {
	const traveller = readTraveller(json);
	if (traveller) return traveller;
	throw new StepProblem('This item is no person on a journey, so it cannot wait here for an answer.', {
		item: index,
		hint: 'Let people in with a Journey Start or an Enrol step before this one, and keep the items’ ‘person’ and ‘journey’ on the way.',
	});
}

/** @param make how the step is made known: a run leaves alone what the flow has settled */
async function register<R extends Registered>(
	ctx: StepContext,
	params: Parameters,
	make: (store: Store, clock: Clock, step: StepToKnow) => Promise<R>,
) {
	const store = await ctx.store();
	const { zone, countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const step = await make(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type: CONVERSATION,
		settings: { ...gateSettingsOf(params, zone) },
	});
	return { store, zone, countryCode, ...step };
}
