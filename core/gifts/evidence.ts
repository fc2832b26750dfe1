/** What a source says about who paid. Told by others: names and texts are as they came, hostile until shown escaped. */
import { z } from 'zod/v4';

const text = (most: number) => z.string().trim().min(1).max(most).optional().catch(undefined);

/** Fields that a source does not tell are left out; what is too long to be one is not there. */
export const evidence = z.object({
	/** The whole name as the source writes it: `KARI ANNE HANSEN`, `Hansen, Kari`, `Kari og Per Hansen`. */
	name: text(200),
	givenName: text(100),
	familyName: text(100),
	/** E.164, whole. */
	phone: text(20),
	/** Last digits of the number, where the source masks the rest: `1234`. */
	phoneEnd: text(6),
	/** Lower case. */
	email: text(320),
	street: text(200),
	postalCode: text(20),
	city: text(100),
	/** ISO 3166-1 alpha-2 */
	country: text(2),
	birthDate: text(10),
	/** What the payer wrote. */
	message: text(2_000),
	/** The account it was paid from, eleven digits. */
	account: text(34),
	/** What a directory service told of the phone number, not the source: which of the fields above, and when (epoch ms). */
	lookedUp: z
		.object({ source: z.string().max(100), at: z.number(), fields: z.array(z.string().max(40)).max(20) })
		.optional()
		.catch(undefined),
});
export type Evidence = z.infer<typeof evidence>;

/** How a row of the store holds it. */
export function evidenceIn(json: string): Evidence {
	return evidence.parse(JSON.parse(json));
}
