/**
 * An emission starts a run at its own step, and n8n hands the emitted items to the step's `execute` as its input, all on
 * index 0. So each item says which output it is for, and `execute` sends it there.
 */
import type { IDataObject, INodeExecutionData, IRun } from 'n8n-workflow';
import type { Outputs, RunEnd } from '../../core/step';

const OUTPUT = '__memberJourneysOutput';
/** n8n 2.41, queue mode: what Bull says of a job whose worker was heard of no more, and what n8n makes of it. */
const STALLED = /failed to be processed too many times|job stalled more than/;

/** One list for `emit([...])`. A step with one output needs no marks: n8n passes its items through. */
export function marked(outputs: Outputs, count: number): INodeExecutionData[] {
	return outputs.flatMap((items, output) =>
		items.map(({ json }) => ({ json: (count > 1 ? { ...json, [OUTPUT]: output } : json) as IDataObject })),
	);
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

/** How the run that an emission started has ended, from what n8n reports of it. */
export function runEnd(run: IRun | undefined): RunEnd {
	if (!run || run.status === 'crashed') return { end: 'lost' };
	if (run.status === 'success') return { end: 'done' };
	if (run.status === 'waiting' || run.waitTill) return { end: 'unfinished' };
	const { error, lastNodeExecuted } = run.data?.resultData ?? {};
	// The worker that had the run died: nobody knows how far it came, and another may take its people on.
	if (STALLED.test(error?.message ?? '')) return { end: 'lost' };
	const where = lastNodeExecuted ? `At '${lastNodeExecuted}': ` : '';
	return { end: 'failed', reason: where + (error?.message ?? `the run has ended as ${run.status}`) };
}
