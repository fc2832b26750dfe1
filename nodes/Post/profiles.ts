/** Who can print the letters. */
import { pingenProfile } from './pingenProfile';
import { printProfile } from './printProfile';
import type { Parameters } from './form';
import type { PrintProfile } from './profile';

export const profiles: Record<Parameters['profile'], PrintProfile> = {
	print: printProfile,
	pingen: pingenProfile,
};
