/**
 * Importing this keeps onnxruntime from reporting sessions, models and a device id to Microsoft over
 * the network, which its builds for Linux and macOS do by default. The library reads the variable when it
 * starts, from the process: a thread's own copy of the environment would not reach it.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) process.env.ORT_DISABLE_TELEMETRY = '1';
