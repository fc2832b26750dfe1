/** A workflow file as it is tried out by hand. */
import { CLICKS_AT_ONCE } from './nodeRedFlow';

/** With clicks that count at once. */
export function triedByHand<N extends { type: string }, W extends { nodes: N[] }>(file: W): W {
	return {
		...file,
		nodes: file.nodes.map((node) => {
			if (!/\.(make|email)Trigger$/.test(node.type)) return node;
			const given = 'parameters' in node && typeof node.parameters === 'object' ? node.parameters : {};
			return { ...node, parameters: { ...given, telling: CLICKS_AT_ONCE } };
		}),
	};
}
