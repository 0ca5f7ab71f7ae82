using Fovea.Bench;
using TorchSharp;

// dotnet run -c Release --project bench/Fovea.Bench -- [name …] [--shared DIR]
// Every row stands beside its reference, measured in the same process in alternation; the ratio is the median over pairs.
int shared = Array.IndexOf(args, "--shared");
string data = Path.Combine(shared >= 0 ? args[shared + 1] : Path.Combine("..", "shared"), "data");
var names = args.Where((_, i) => shared < 0 || (i != shared && i != shared + 1)).ToHashSet();
(string Name, Action Run)[] benches =
[
    ("machine", MachineBench.Run),
    ("adam", AdamBench.Run),
    ("training", () => TrainingBench.Run(data)),
    ("harvest", () => HarvestBench.Run(data)),
    ("sae", SaeBench.Run),
    ("encode", EncodeBench.Run),
];
torch.set_num_threads(Environment.ProcessorCount);
Console.WriteLine($"{Environment.ProcessorCount} cores, {torch.get_num_threads()} libtorch threads, .NET {Environment.Version}, libtorch {torch.__version__}");
foreach (var (name, run) in benches)
{
    if (names.Count > 0 && !names.Contains(name)) continue;
    Console.WriteLine($"\n## {name}");
    run();
}
