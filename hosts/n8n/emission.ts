/**
 * An emission starts a run at its own step. Of a step that has no `execute`, n8n passes each list on by the output of its
 * index. Of one that has, n8n hands the items to it as its input, all on index 0: so each item says which output it is
 * for, and `execute` sends it there.
 */
import type { IDataObject, INodeExecutionData, IRun } from 'n8n-workflow';
import type { Outputs, RunEnd, Step } from '../../core/step';

const OUTPUT = '__memberJourneysOutput';
/** n8n 2.41, queue mode: what Bull says of a job whose worker was heard of no more, and what n8n makes of it. */
const STALLED = /failed to be processed too many times|job stalled more than/;

/** What n8n's own pool says when its database takes no connection in time. */
const NO_CONNECTION = /^timeout exceeded when trying to connect$/;

/** As `emit` takes it. Without marks, n8n passes the items through to a step's only output. */
export function emission<P>(
	{ run, reenters, outputs: labels }: Pick<Step<P>, 'run' | 'reenters' | 'outputs'>,
	outputs: Outputs,
): INodeExecutionData[][] {
	if (!run) return outputs.map((items) => items.map(({ json }) => ({ json: json as IDataObject })));
	const marks = reenters === true || labels.length > 1;
	return [
		outputs.flatMap((items, output) =>
			items.map(({ json }) => ({ json: (marks ? { ...json, [OUTPUT]: output } : json) as IDataObject })),
		),
	];
}

/** The marked items, each at its output and without its mark; undefined when they are no emission. */
export function routed(
	items: readonly INodeExecutionData[],
	count: number,
): INodeExecutionData[][] | undefined {
	if (items.length === 0 || !items.every(({ json }) => typeof json[OUTPUT] === 'number')) return undefined;
	const outputs = Array.from({ length: count }, (): INodeExecutionData[] => []);
	items.forEach(({ json: { [OUTPUT]: output, ...json } }, item) => {
		outputs[output as number]?.push({ json, pairedItem: { item } });
	});
	return outputs;
}

/** Of a step that takes its own emissions in again: the items without their marks, and the output each was marked for. */
export function comingBack(
	items: readonly INodeExecutionData[],
): Array<{ json: IDataObject; released: number }> | undefined {
	if (items.length === 0 || !items.every(({ json }) => typeof json[OUTPUT] === 'number')) return undefined;
	return items.map(({ json: { [OUTPUT]: released, ...json } }) => ({ json, released: released as number }));
}

/** How the run that an emission started has ended, from what n8n reports of it. */
export function runEnd(run: IRun | undefined): RunEnd {
	if (!run || run.status === 'crashed') return { end: 'lost' };
	if (run.status === 'success') return { end: 'done' };
	if (run.status === 'waiting' || run.waitTill) return { end: 'unfinished' };
	if (run.status === 'canceled') return { end: 'failed', reason: 'The run was stopped.' };
	const { error, lastNodeExecuted } = run.data?.resultData ?? {};
	// The worker that had the run died: nobody knows how far it came, and another may take its people on.
	if (STALLED.test(error?.message ?? '')) return { end: 'lost' };
	// No step of the run has refused anything: what is between them (n8n's database, its queue) was away.
	if (!lastNodeExecuted || isConnectionOfN8n(error)) return { end: 'lost' };
	const where = `At '${lastNodeExecuted}': `;
	return { end: 'failed', reason: where + (error?.message ?? `the run has ended as ${run.status}`) };
}

/** What became of an emission that n8n could make no run of, or has ended before its time. */
export function emissionRefused(cause: unknown): RunEnd {
	const reason = isObject(cause) && 'reason' in cause ? cause.reason : undefined;
	// `ExecutionCancelledError`: by a person, or by the workflow's own time limit. A shutdown is nobody's wish.
	if (reason === 'manual') return { end: 'failed', reason: 'The run was stopped.' };
	if (reason === 'timeout')
		return { end: 'failed', reason: "The run took longer than the workflow's 'Timeout Workflow' allows." };
	return { end: 'lost', started: reason === 'shutdown' };
}

/** A step's own error names its node; n8n's own says only which connection was refused or cut. */
function isConnectionOfN8n(error: unknown): boolean {
	return (
		isObject(error) &&
		!('node' in error) &&
		(('code' in error &&
			/^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|57P0[1-5])$/.test(String(error.code))) ||
			('message' in error && NO_CONNECTION.test(String(error.message))))
	);
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}
