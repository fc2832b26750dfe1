/** The request of `POST /sms/sendbatch` as LINK's "SMS REST API – MT and Delivery Reports" 1.18 describes it. */
import { z } from 'zod/v4';

const ton = z.enum(['ALPHANUMERIC', 'MSISDN', 'SHORTNUMBER']);
/** "The string "true", not the Boolean true". */
const keyValues = z.record(z.string(), z.string());

const message = z
	.strictObject({
		source: z.string().min(1),
		sourceTON: ton.default('ALPHANUMERIC'),
		destination: z.string().regex(/^\+\d{6,15}$/, 'MSISDNs include the country code and a leading plus sign'),
		destinationTON: ton.optional(),
		dcs: z.enum(['TEXT', 'GSM', 'UCS2', 'BINARY']).optional(),
		userData: z
			.string()
			.refine((text) => [...text].every((c) => (c.codePointAt(0) ?? 0) <= 0xffff), {
				error: 'Unicode 4-byte characters are not supported',
			})
			.optional(),
		refId: z.string().optional(),
		tariff: z.int().min(0).optional(),
		currency: z.enum(['NOK', 'SEK', 'DKK', 'EUR']).optional(),
		age: z.int().optional(),
		productDescription: z.string().optional(),
		productCategory: z.int().min(1).max(53).optional(),
		moReferenceId: z.string().optional(),
		customParameters: keyValues.optional(),
	})
	.refine(({ source, sourceTON }) => sourceTON !== 'SHORTNUMBER' || /^\d{1,14}$/.test(source), {
		error: 'a short number has 1 to 14 digits',
		path: ['source'],
	})
	.refine(({ tariff, sourceTON }) => !tariff || sourceTON === 'SHORTNUMBER', {
		error: 'only TON SHORTNUMBER is accepted for charged messages',
		path: ['sourceTON'],
	});
export type BatchedMessage = z.infer<typeof message>;

const top = {
	useDeliveryReport: z.boolean().default(true),
	deliveryReportGates: z.array(z.string()).default([]),
	relativeValidityTime: z.int().min(1).max(172_800_000).optional(),
	absoluteValidityTime: z.iso.datetime({ offset: true }).optional(),
	priority: z.enum(['HIGH', 'NORMAL', 'LOW']).optional(),
	platformId: z.string().optional(),
	platformPartnerId: z.string().optional(),
	ignoreResponse: z.boolean().default(true),
};

export const batchRequest = z.strictObject({
	...top,
	customParameters: keyValues.optional(),
	sendRequestMessages: z.array(message).min(1).max(1_000),
});
export type BatchRequest = z.infer<typeof batchRequest>;

/** "The names and types and functions of all parameters are the same": one message, as a batch of itself. */
export function asBatch(body: unknown): unknown {
	if (typeof body !== 'object' || body === null) return body;
	const entries = Object.entries(body);
	const shared = entries.filter(([name]) => name in top);
	const own = entries.filter(([name]) => !(name in top));
	return { ...Object.fromEntries(shared), sendRequestMessages: [Object.fromEntries(own)] };
}
