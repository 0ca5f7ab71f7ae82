using Fovea.Bench;
using TorchSharp;

// The older build's side of bench/against.sh: nothing but the rows.
torch.set_num_threads(Environment.ProcessorCount);
Rows.Run(args[0]);
