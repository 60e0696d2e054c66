import { killWorkers } from './suite.ts';

killWorkers('cert-renew', 'cert-files');
