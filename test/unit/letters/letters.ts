/** Letters that tests print; every person and organisation in them is made up. */
import { encode } from 'fast-png';
import type { LetterSpec } from '../../../core/letters/letter';
import { composeKid } from '../../../core/letters/kid';

export const sender = { name: 'Foreningen Eksempel', returnAddress: 'Postboks 1, 0101 Oslo' };
export const kari = { name: 'Kari Eksempel', lines: ['Storgata 15 A'], postalCode: '0161', city: 'OSLO' };

export const shortText = `Kjære Kari\n\nTakk for **gaven** du ga i *høst*. Blåbær og smørbrød!\n\nHilsen oss`;
export const longText = `# Kjære Kari\n\n${'Dette er en setning om arbeidet vårt gjennom året som har gått. '.repeat(45)}\n\n- Første punkt\n- Andre punkt\n\n${'Og en setning til om det som kommer. '.repeat(30)}`;

export function letter(more: Partial<LetterSpec> & { text?: string } = {}): LetterSpec {
	const { text = shortText, ...rest } = more;
	return {
		id: 'L-000001',
		recipient: kari,
		sender,
		placeAndDate: 'Oslo, 22. november 2026',
		body: { kind: 'text', format: 'markdown', text },
		...rest,
	};
}

export const kid = composeKid([{ value: 123456789, length: 9 }], 'mod10');
export const giro = {
	account: '1234 56 78903',
	kid,
	amountOre: 39_800,
	payeeName: 'Foreningen Eksempel',
	dueDate: '15.12.2026',
};

/** Half of it shines through. */
export const logo = encode({
	width: 60,
	height: 20,
	channels: 4,
	depth: 8,
	data: Uint8Array.from({ length: 60 * 20 * 4 }, (_, i) =>
		i % 4 === 3 ? (i < 2400 ? 255 : 90) : (i * 37) % 256,
	),
});
