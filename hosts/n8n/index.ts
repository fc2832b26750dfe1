/** What a step's n8n class calls: one line per method. */
export { choicesOf } from './choices';
export { credentialTests } from './credentialTests';
export { declareForm } from './forms';
export { listenStep } from './listenStep';
export { outputsExpression } from './outputs';
export { receiveStep } from './receiveStep';
export { runStep } from './runStep';
export { webhookLifecycle } from './webhookLifecycle';
