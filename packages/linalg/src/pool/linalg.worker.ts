import { serveTasks } from "./serve.ts";
import { LINALG_TASKS } from "./tasks.ts";

serveTasks(LINALG_TASKS);
