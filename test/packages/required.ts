import ts from 'typescript';

/** The names in all `require('…')`, `import('…')` and `import … from '…'` of a script, each once. */
export function requiredBy(code: string): string[] {
	const names = new Set<string>();
	const visit = (node: ts.Node): void => {
		if (ts.isCallExpression(node)) {
			const callee = node.expression;
			const loads =
				callee.kind === ts.SyntaxKind.ImportKeyword ||
				(ts.isIdentifier(callee) && callee.text === 'require') ||
				(ts.isPropertyAccessExpression(callee) && callee.getText() === 'require.resolve');
			const [name] = node.arguments;
			if (loads && name && ts.isStringLiteralLike(name)) names.add(name.text);
		}
		if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
			names.add(node.moduleSpecifier.text);
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile('script.js', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS));
	return [...names].sort();
}
