using System.Runtime.Intrinsics;
using Fovea.Bench;
using Fovea.Numerics;
using TorchSharp;

// dotnet run -c Release --project bench/Fovea.Bench -- [name …] [--shared DIR]
// Kernels without AVX-512 on a machine that has it: DOTNET_EnableAVX512=0 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 before the
// command (the last two speak to libtorch). Every row stands beside its reference, measured in the same process in alternation; the ratio
// is the median over pairs. Beside another commit, in alternating pairs of processes: bench/against.sh COMMIT [PAIRS].
// "explorer" writes a run of 20,000 units (0.8 gigabytes, kept where FOVEA_BENCH_RUN names a folder) and runs only where it is named; its
// rows that are painted need Chromium (FOVEA_CHROMIUM names another than the system's); "explorer-painted" measures those alone.
// FOVEA_BENCH_ROWS: only rows whose names begin so. FOVEA_BENCH_ENGINE=torch: rows of harvests are read by libtorch.
// FOVEA_TORCHVISION_NETWORKS: a folder of networks (tests/reference/torchvision_networks.py) that "engines" reads too.
// "scale" writes up to 30 gigabytes where FOVEA_BENCH_SCALE says (FOVEA_BENCH_SIZES=128:1,10,100 : millions of vectors of so many numbers) and
// runs only where it is named.
// "planted", "precision" and "lazy-adam" (on the vectors of the run that FOVEA_BENCH_RUN names) measure what is found, not how fast: they run
// only where they are named (docs/reference/planted.md, metrics.md, docs/paper.md).
if (args is [PictureLoad.Name, ..])
{
    PictureLoad.Run();
    return;
}
if (args is [RanksBench.Part])
{
    NativeHeap.KeepFreedMemory();
    RanksBench.RunPart();
    return;
}
if (args is [ScalePart.Name, .. var words])
{
    NativeHeap.KeepFreedMemory();
    ScalePart.Run(words);
    return;
}
int shared = Array.IndexOf(args, "--shared");
string data = Path.Combine(shared >= 0 ? args[shared + 1] : Path.Combine("..", "shared"), "data");
var names = args.Where((_, i) => shared < 0 || (i != shared && i != shared + 1)).ToHashSet();
(string Name, Action Run)[] benches =
[
    ("machine", MachineBench.Run),
    ("adam", AdamBench.Run),
    ("lazy-adam", () => LazyAdamBench.Run(Environment.GetEnvironmentVariable("FOVEA_BENCH_RUN"))),
    ("training", () => TrainingBench.Run(data)),
    ("engines", EngineBench.Run),
    ("harvest", () => HarvestBench.Run(data)),
    ("sae", SaeBench.Run),
    ("sae-limit", StepLimitBench.Run),
    ("ranks", RanksBench.Run),
    ("encode", EncodeBench.Run),
    ("render", () => RenderBench.Run(data)),
    ("evidence", EvidenceBench.Run),
    ("explorer-live", ExplorerLiveBench.Run),
    ("interventions", InterventionsBench.Run),
    ("circuit", CircuitBench.Run),
    ("precision", () => PrecisionBench.Run(data)),
    ("planted", PlantedBench.Run),
    ("many-rows", ManyRowsBench.Run),
    ("scale", () => ScaleBench.Run(
        Environment.GetEnvironmentVariable("FOVEA_BENCH_SCALE") ?? Path.Combine(Path.GetTempPath(), "fovea-bench-scale"),
        Environment.GetEnvironmentVariable("FOVEA_BENCH_SIZES") ?? "128:1,10,100", rounds: 3)),
    ("scale-model", ScaleModel.Run),
    ("explorer-painted", () => ExplorerBench.Run(Environment.GetEnvironmentVariable("FOVEA_BENCH_RUN"), paintedOnly: true)),
    ("explorer", () => ExplorerBench.Run(Environment.GetEnvironmentVariable("FOVEA_BENCH_RUN"))),
    ("rows", () => Rows.Run(data)),
    ("against", () => Against.Run(Environment.GetEnvironmentVariable("FOVEA_BENCH_OLDER")!, data)),
];
NativeHeap.KeepFreedMemory();
torch.set_num_threads(Environment.ProcessorCount);
if (names.SetEquals(["rows"]))
{
    Rows.Run(data);
    return;
}
string vectors = Vector512.IsHardwareAccelerated ? "AVX-512" : Vector256.IsHardwareAccelerated ? "AVX2" : "128-bit vectors";
Console.WriteLine(
    $"{Environment.ProcessorCount} cores, kernels by {vectors}, {torch.get_num_threads()} libtorch threads, flags "
        + $"{Processor.Flags}, .NET {Environment.Version}, libtorch {torch.__version__}");
foreach (var (name, run) in benches)
{
    if (names.Count > 0 ? !names.Contains(name) : name is "lazy-adam" or "precision" or "planted" or "many-rows" or "scale" or "scale-model" or "ranks" or "explorer" or "explorer-painted" or "rows" or "against") continue;
    Console.WriteLine($"\n## {name}");
    run();
}
