import { killWorkers } from './suite.ts';

killWorkers('cert-post');
