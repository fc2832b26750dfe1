/**
 * n8n decrypts a credential each time a step asks for it, and starts an expression engine for that: 25 ms of the
 * processor in n8n 2.41, several times in each run and each request. So an answer stands for a moment.
 */
import type { INode } from 'n8n-workflow';

const KEPT_MS = 10_000;
const LARGEST = 1_000;

export interface KeptCredentials {
	/** @returns what `ask` answered lately; a refusal is not kept. */
	get(name: string, ask: () => Promise<unknown>): Promise<unknown>;
}

export function keptCredentials(): KeptCredentials {
	const kept = new Map<string, { until: number; answer: Promise<unknown> }>();
	return {
		get(name, ask) {
			const known = kept.get(name);
			if (known && known.until > Date.now()) return known.answer;
			const answer = ask();
			const mine = { until: Date.now() + KEPT_MS, answer };
			kept.set(name, mine);
			answer.catch(() => kept.get(name) === mine && kept.delete(name));
			return answer;
		},
	};
}

const byNode = new Map<string, KeptCredentials>();

/** For requests from outside, which come in crowds: shared by all to one node with the credentials it names. */
export function keptForRequests(workflowId: string, node: INode): KeptCredentials {
	const key = JSON.stringify([workflowId, node.id, node.credentials]);
	let kept = byNode.get(key);
	if (!kept) {
		if (byNode.size >= LARGEST) byNode.clear();
		kept = keptCredentials();
		byNode.set(key, kept);
	}
	return kept;
}
