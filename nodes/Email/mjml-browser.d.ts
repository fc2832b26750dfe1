/** The part of mjml-browser that is used; it has no types of its own. */
declare module 'mjml-browser' {
	export default function mjml2html(
		mjml: string,
		options?: { validationLevel?: 'strict' | 'soft' | 'skip'; ignoreIncludes?: boolean },
	): Promise<{ html: string; errors: Array<{ line: number; message: string; tagName: string }> }>;
}
