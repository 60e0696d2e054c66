import { killWorkers } from './suite.ts';

killWorkers('artifact', 'bindsto-users');
