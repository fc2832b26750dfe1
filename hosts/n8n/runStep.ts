/** `execute()` of a step: items in, items out, on each of its outputs. */
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Outputs, Step } from '../../core/step';
import { carriesTest } from '../testRun';
import { binariesOf } from './binaries';
import { openContext } from './context';
import { comingBack, routed } from './emission';
import { nodeError } from './errors';
import { outputCount } from './outputs';
import { parametersFor } from './parameters';

export async function runStep<P>(n8n: IExecuteFunctions, step: Step<P>): Promise<INodeExecutionData[][]> {
	let items = n8n.getInputData();
	const count = outputCount(step, n8n.getNode().parameters);
	// Nothing fed this run: it started here, by an emission of this step or by hand.
	const ownStart = n8n.getExecuteData().source === null;
	const back = ownStart && step.reenters ? comingBack(items) : undefined;
	if (back) items = back.map(({ json }, item) => ({ json, pairedItem: { item } }));
	else if (ownStart) {
		const emitted = routed(items, count);
		if (emitted) return emitted;
	}
	const opened = await openContext(n8n, {
		continueOnFail: n8n.continueOnFail(),
		hint: (message) => n8n.addExecutionHints({ message, location: 'outputPane' }),
	}).catch((error: unknown) => {
		throw nodeError(n8n.getNode(), error, items.length);
	});
	const { close } = opened;
	const testRun = opened.context.testRun || carriesTest(items.map(({ json }) => json));
	const context = { ...opened.context, testRun };
	try {
		const evaluate = (name: string, item: number) => n8n.getNodeParameter(name, item);
		const params = parametersFor(step, n8n.getNode(), evaluate, Math.max(items.length, 1));
		const given = items.map(({ json }, index) => ({
			json,
			params: params[index] as P,
			index,
			...(back ? { released: back[index]?.released } : {}),
		}));
		const first = params[0] as P;
		const outputs = (await step.run?.(context, first, given)) ?? [];
		return await shown(n8n, outputs, items.length, count);
	} catch (error) {
		if (context.continueOnFail) return allFailed(n8n, error, items, count);
		throw nodeError(n8n.getNode(), error, items.length);
	} finally {
		close();
	}
}

async function shown(
	n8n: IExecuteFunctions,
	outputs: Outputs,
	items: number,
	count: number,
): Promise<INodeExecutionData[][]> {
	const lists: INodeExecutionData[][] = [];
	for (let output = 0; output < count; output += 1) {
		const list: INodeExecutionData[] = [];
		for (const { json, from, files, problem } of outputs[output] ?? []) {
			const pairedItem = from === undefined ? undefined : { item: from };
			const binary = await binariesOf(n8n, files);
			const one = { json: json as IDataObject, ...(binary ? { binary } : {}), pairedItem };
			if (!problem) list.push(one);
			else {
				const error = nodeError(n8n.getNode(), problem, items);
				if (!n8n.continueOnFail()) throw error;
				list.push({ ...one, json: { ...(json as IDataObject), error: error.message }, error });
			}
		}
		lists.push(list);
	}
	return lists;
}

/** The step refused as a whole: every item leaves with the reason, so that none disappears. */
function allFailed(
	n8n: IExecuteFunctions,
	problem: unknown,
	items: readonly INodeExecutionData[],
	count: number,
): INodeExecutionData[][] {
	const error = nodeError(n8n.getNode(), problem, items.length);
	const failed = items.map(({ json }, item) => ({
		json: { ...json, error: error.message },
		error,
		pairedItem: { item },
	}));
	return Array.from({ length: count }, (_, output) => (output === 0 ? failed : []));
}
