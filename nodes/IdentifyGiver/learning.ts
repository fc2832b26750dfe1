/** The recognition learns by itself: after so many decisions of people, and weekly; then open gifts are looked into again. */
import { z } from 'zod/v4';
import { lookAgain } from '../../core/gifts/lookAgain';
import { type Model, readModel } from '../../core/gifts/linkage/model';
import { trainModel } from '../../core/gifts/linkage/trainModel';
import { organisationOf } from '../../core/register/organisation';
import type { Outputs, StepContext, Stop } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';
import { IDENTIFIED, type Parameters, ruleOf } from './form';

const WEEK = 7 * 86_400_000;
/** How often it is asked whether anything is due (ms). */
const LOOK = 600_000;
/** The first time, when a host has come up (ms). */
const AFTER_START = 60_000;
/** Row of `setting`: the last training. */
const DONE = 'gifts.training';
/** Rows of `setting`: by which model a step has looked at its open gifts. */
const LOOKED = 'gifts.lookedAgain:';

const done = z.object({ at: z.number(), decision: z.number() });

export interface Learning {
	ctx: StepContext;
	store: Store;
	stepId: number;
	params: Parameters;
}

/** What goes wrong is logged, and the next look tries again. */
export function keepLearning(ctx: StepContext, store: Store, stepId: number, params: Parameters): Stop {
	let stopped = false;
	let looking: Promise<void> = Promise.resolve();
	let callOff: () => void = () => undefined;
	const look = async () => {
		try {
			await learnWhenDue({ ctx, store, stepId, params }, () => stopped);
		} catch (cause) {
			ctx.log('warn', `Nothing could be learned: ${cause instanceof Error ? cause.message : String(cause)}`);
		}
		if (!stopped) arm(ctx.clock.now() + LOOK);
	};
	const arm = (at: number) => {
		callOff = ctx.clock.at(at, () => {
			looking = look();
		});
	};
	arm(ctx.clock.now() + AFTER_START);
	return async () => {
		stopped = true;
		callOff();
		await looking;
	};
}

/** @returns what it did: trained or not, and how many open gifts are identified now */
export async function learnWhenDue(
	{ ctx, store, stepId, params }: Learning,
	stopped: () => boolean = () => false,
): Promise<{ trained: boolean; identified: number }> {
	let trained = false;
	if (await isDue(store, ctx.clock.now(), params)) {
		await oneAtATime(store, ctx.clock, 'gift training', async () => {
			// Another process may have trained between the two.
			if (!(await isDue(store, ctx.clock.now(), params))) return;
			await train(ctx, store);
			trained = true;
		});
	}
	let identified = 0;
	if (params.options.lookAgain) {
		await oneAtATime(store, ctx.clock, `gifts of ${stepId}`, async () => {
			identified = await againIfNew({ ctx, store, stepId, params }, stopped);
		});
	}
	return { trained, identified };
}

async function isDue(store: Store, now: number, { options }: Parameters): Promise<boolean> {
	const last = await lastTraining(store);
	if (options.retrainWeekly && now - last.at >= WEEK) {
		const any = await store.db.selectFrom('incoming_gift').select('id').limit(1).executeTakeFirst();
		if (any) return true;
	}
	if (options.retrainAfter === 0) return false;
	const { count } = await store.db
		.selectFrom('gift_decision')
		.select(({ fn }) => fn.countAll<number>().as('count'))
		.where('id', '>', last.decision)
		.where('decision', 'in', ['accepted', 'rejected', 'newPerson'])
		.executeTakeFirstOrThrow();
	return Number(count) >= options.retrainAfter;
}

async function lastTraining(store: Store): Promise<z.infer<typeof done>> {
	const text = await settingOf(store.db, DONE);
	const read = text === undefined ? undefined : done.safeParse(JSON.parse(text));
	return read?.success ? read.data : { at: 0, decision: 0 };
}

async function train(ctx: StepContext, store: Store): Promise<Model> {
	const last = await store.db
		.selectFrom('gift_decision')
		.select('id')
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	const model = await trainModel(store, ctx.clock, { progress: ctx.progress });
	await remember(store, DONE, JSON.stringify({ at: ctx.clock.now(), decision: last?.id ?? 0 }));
	const { gifts, known } = model.learnedFrom;
	ctx.log(
		'info',
		`Learned from ${gifts} gifts and ${model.persons} people; of ${known} gifts the giver was known.`,
	);
	return model;
}

/** Open gifts of this step, when they have not been looked into with this model yet. */
async function againIfNew({ ctx, store, stepId, params }: Learning, stopped: () => boolean): Promise<number> {
	const { trainedAt } = await readModel(store);
	const key = `${LOOKED}${stepId}`;
	if (trainedAt === null || (await settingOf(store.db, key)) === String(trainedAt)) return 0;
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const { looked, identified, whole } = await lookAgain(store, ctx.clock, ruleOf(params), {
		stepId,
		zone,
		output: IDENTIFIED,
		stopped,
	});
	if (whole) await remember(store, key, String(trainedAt));
	if (looked > 0) ctx.log('info', `${looked} open gifts looked into again: ${identified} identified now.`);
	return identified;
}

/** The operation Train: learns now, and tells what is different. */
export async function trainNow(ctx: StepContext, store: Store): Promise<Outputs> {
	let outputs: Outputs = [[]];
	const turn = await oneAtATime(store, ctx.clock, 'gift training', async () => {
		const before = await readModel(store);
		const after = await train(ctx, store);
		const { gifts, known } = after.learnedFrom;
		ctx.hint(`Learned from ${gifts} gifts; of ${known} the giver was known.`);
		const training = {
			trainedAt: new Date(ctx.clock.now()).toISOString(),
			persons: after.persons,
			gifts,
			known,
			outsiders: { before: rounded(before.outsiders), after: rounded(after.outsiders) },
			weights: changes(before, after),
		};
		outputs = [[{ json: { training } }]];
	});
	if (!turn.taken) {
		ctx.hint('Another process is learning just now.');
		outputs = [[{ json: { training: { busy: true } } }]];
	}
	return outputs;
}

export interface WeightChange {
	/** What is compared, and how: `family.same` … */
	code: string;
	/** log2 of how much it speaks for the giver. */
	before: number;
	after: number;
}

/** The largest change first. */
function changes(before: Model, after: Model): WeightChange[] {
	const all = Object.entries(after.weights).flatMap(([name, levels]) =>
		Object.entries(levels).flatMap(([level, now]): WeightChange[] => {
			const was = before.weights[name]?.[level];
			if (!was) return [];
			const change = {
				code: `${name}.${level}`,
				before: rounded(Math.log2(was.m / was.u)),
				after: rounded(Math.log2(now.m / now.u)),
			};
			return change.before === change.after ? [] : [change];
		}),
	);
	return all.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
}

const rounded = (value: number) => Math.round(value * 100) / 100;

function remember(store: Store, key: string, value: string): Promise<void> {
	return store.write(({ db }) => keepSetting(db, key, value));
}
