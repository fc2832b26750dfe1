/** 21grams and other printing houses: files over SFTP. */
import { StepProblem } from '../../core/ports';
import type { PrintProfile } from './profile';

export const printProfile: PrintProfile = {
	provider: 'print',
	settings: () => ({}),
	async transfer() {
		throw new StepProblem('Letters cannot be handed over by SFTP yet.');
	},
};
