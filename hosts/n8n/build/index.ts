export { buildN8n } from './n8nPackage';
export { packInto } from './pack';
