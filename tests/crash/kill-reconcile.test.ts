import { killWorkers } from './suite.ts';

killWorkers('bindsto-reconcile', 'bindsto-apply');
