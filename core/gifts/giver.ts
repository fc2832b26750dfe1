/** What is known of a gift's giver, as items show it: `giver`. */
import type { Json } from '../step';
import type { Identified } from './identify';
import { reasonWords } from './reasons';

export function giverView(found: Omit<Identified, 'id' | 'news'>): Json {
	const about = found.candidates.find(({ personId }) => personId === found.personId) ?? found.candidates[0];
	return {
		probability: found.probability,
		decidedBy: found.decidedBy,
		reasons: (about?.reasons ?? []).map((reason) => reasonWords(reason, 'en')),
		candidates: found.candidates.length,
	};
}
