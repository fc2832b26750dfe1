/** The item that carries one enrolled person along the wires, and how it is read back at the next step. */
import { z } from 'zod/v4';
import type { PersonView } from '../register/person';
import type { Json } from '../step';

export interface TravellerJson {
	person: PersonView;
	journey: {
		key: string;
		name: string;
		enrolment: number;
		hop: number;
		/** Set in a run started by hand: nobody is enrolled. */
		test?: true;
		/** What they were let go by at the last gate: `reached` or `timedOut`. */
		outcome?: string;
		/** Which time it is that they leave this gate, on this trip: 2 when a loop has brought them back once. */
		visit?: number;
	};
}

const shape = z.object({
	person: z.object({ id: z.number().int() }),
	journey: z.object({
		key: z.string(),
		enrolment: z.number().int(),
		hop: z.number().int(),
		test: z.literal(true).optional(),
	}),
});

export interface Traveller {
	enrolmentId: number;
	hop: number;
	personId: number;
	journeyKey: string;
	test: boolean;
}

/** The traveller in an item, or undefined when the item does not carry one. */
export function readTraveller(json: Json): Traveller | undefined {
	const read = shape.safeParse(json);
	if (!read.success) return undefined;
	const { person, journey } = read.data;
	return {
		enrolmentId: journey.enrolment,
		hop: journey.hop,
		personId: person.id,
		journeyKey: journey.key,
		test: journey.test ?? false,
	};
}

/** The longest way that is kept: some hundred gates. */
export const LONGEST_PATH = 1_000;

/** How many times the way ({@link TravellerTable.path}) holds this step. */
export function visitsOf(path: string, stepId: number): number {
	const steps = path.trim().split(' ');
	// The front of a way that has been cut may be half a number.
	if (path.length >= LONGEST_PATH) steps.shift();
	return steps.filter((step) => step === String(stepId)).length;
}
