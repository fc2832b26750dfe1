/** Files beside an item, as n8n's binary data: the editor shows PDFs and pictures in its Binary view. */
import type { IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';
import type { FileOut } from '../../core/step';

/** Under `data`, `data_2` … in their order: what nodes that take a file look for first. */
export async function binariesOf(
	{ helpers }: IExecuteFunctions,
	files: readonly FileOut[] | undefined,
): Promise<IBinaryKeyData | undefined> {
	if (!files || files.length === 0) return undefined;
	const binary: IBinaryKeyData = {};
	for (const [place, { name, mimeType, bytes }] of files.entries()) {
		const key = place === 0 ? 'data' : `data_${place + 1}`;
		binary[key] = await helpers.prepareBinaryData(Buffer.from(bytes), name, mimeType);
	}
	return binary;
}
