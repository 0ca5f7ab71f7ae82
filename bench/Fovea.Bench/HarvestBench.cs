using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;

namespace Fovea.Bench;

/// <summary>
/// Harvesting one layer with the magnitude filter, from images to shards on disk. Of decoded images it stands beside ONNX Runtime's own
/// forward pass on them with the layer as one more output. From files, where the same cores decode, it stands beside what they allow: the
/// CPU seconds of decoding alone and of the forward pass alone, shared among the cores.
/// </summary>
internal static class HarvestBench
{
    private const int Batch = 16, Decoded = 160, Many = 800;
    private const string Package = "microsoft.ml.dnnimagefeaturizer.resnet18/0.23.1";

    public static void Run(string data)
    {
        string photographs = Path.Combine(data, "imagenet-sample.tar");
        if (!File.Exists(photographs))
        {
            Console.WriteLine($"skipped: {data} lacks the images");
            return;
        }
        double limit = MachineBench.Product(2048);
        Console.WriteLine(FormattableString.Invariant($"a matrix product: {limit / 1e9:0} GFLOP/s; flags {Processor.Flags}"));
        using IImageSource all = Open(photographs, data);
        string folder = Directory.CreateTempSubdirectory("fovea-bench-").FullName;
        try
        {
            string larger = Larger(all, Path.Combine(folder, "larger"));
            using IImageSource resized = ImageSources.Open(larger, new ImageSourceOptions());
            foreach (var (name, model, layer) in Networks(data))
            {
                using (model)
                {
                    if (!Rows.Wanted(name)) continue;
                    OfDecoded(name, model, layer, all, folder, limit);
                    FromFiles($"{name} {layer}, {all.Count} photographs", model, layer, all, folder, limit);
                    FromFiles($"{name} {layer}, {resized.Count} JPEGs of 500 × 375", model, layer, resized, folder, limit);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The networks, with images of 224 pixels.</summary>
    internal static IEnumerable<(string Name, ImageModel Model, string Layer)> Networks(string data)
    {
        yield return ("resnet18", Load(data, "resnet18", 200, "resnet18-tiny-imagenet.pth"), "layer4");
        yield return ("mobilenet_v2", Load(data, "mobilenet_v2", 1000, "mobilenet_v2-imagenet.pth"), "features.18");
        if (NuGetNetwork() is { } file)
        {
            using ImportedNetwork network = NetworkFile.Open(file);
            yield return ("the NuGet network", network.ToModel(Preprocessing.ImageNet(256, 224)), "ReLU393_Output_0");
        }
        else
        {
            Console.WriteLine("the NuGet network: not measured; dotnet restore recipes/nuget-resnet18 brings it");
        }
    }

    private static ImageModel Load(string data, string architecture, int outputs, string weights)
    {
        ImageModel model = ImageModel.Create(architecture, outputs, preprocessing: Preprocessing.ImageNet(256, 224));
        using (var state = StateDict.Load(Path.Combine(data, weights))) model.CopyFrom(state, architecture);
        return model;
    }

    /// <summary>
    /// The package's network: where FOVEA_RESNET18_PACKAGE says, among the packages of this user, or where the recipe restores it, in this
    /// checkout, wherever the command is given.
    /// </summary>
    private static string? NuGetNetwork()
    {
        string inside = Path.Combine("tools", "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        List<string> folders = [Environment.GetEnvironmentVariable("FOVEA_RESNET18_PACKAGE") ?? "", Path.Combine(packages, Package)];
        foreach (string start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
                folders.Add(Path.Combine(folder.FullName, "recipes", "nuget-resnet18", "packages", Package));
        return folders.Select(folder => Path.Combine(folder, inside)).FirstOrDefault(File.Exists);
    }

    private static IImageSource Open(string path, string data) =>
        ImageSources.Open(path, new ImageSourceOptions { Classes = Path.Combine(data, "imagenet_classes.tsv") });

    /// <summary>The same photographs at the usual size of ImageNet's, as JPEGs of quality 90.</summary>
    private static string Larger(IImageSource source, string folder)
    {
        for (int i = 0; i < source.Count; i++)
        {
            string place = Path.Combine(folder, $"{source.Label(i):000}");
            Directory.CreateDirectory(place);
            File.WriteAllBytes(
                Path.Combine(place, $"{i:0000}.jpg"), ImageCodec.EncodeJpeg(Resampling.Bilinear(source.Read(i), 500, 375), 90));
        }
        return folder;
    }

    private static void OfDecoded(string name, ImageModel model, string layer, IImageSource source, string folder, double limit)
    {
        int count = Math.Min(source.Count, Many);
        var some = new SubsetSource(source, [.. Enumerable.Range(0, count)]);
        Preprocessing whole = model.Preprocessing, cropped = new(null, whole.Crop, whole.Mean, whole.Std);
        using var pixels = new MemorySource(some, whole);
        ImageBatch[] batches = Batches(pixels, cropped, count);
        using var bare = new BareRuntime(model, layer);
        var (ours, _) = Pairs.Compare($"harvest of decoded images, {name} {layer}", "ONNX Runtime's forward pass", () => Harvest(model.With(cropped), pixels, layer, folder),
            () => bare.Run(batches), 5, count, "images", "speed ratio ≥ 0.90");
        Say(model, layer, count / ours, limit);
    }

    private static void FromFiles(string what, ImageModel model, string layer, IImageSource source, string folder, double limit)
    {
        ImageBatch[] batches = Batches(source, model.Preprocessing, Decoded);
        // Threads that wait awake would count as work.
        using var bare = new BareRuntime(model, layer, awake: false);
        int[] order = [.. Enumerable.Range(0, source.Count)];
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = Batch });
        void Decode()
        {
            foreach (ImageBatch _ in loader.Load(order)) { }
        }
        const int Rounds = 3;
        double[] harvest = new double[Rounds], ratio = new double[Rounds], decode = new double[Rounds], forward = new double[Rounds],
            used = new double[Rounds];
        bare.Run(batches);
        Decode();
        for (int i = 0; i < Rounds; i++)
        {
            used[i] = ProcessorSeconds(() => harvest[i] = Pairs.Seconds(() => Harvest(model, source, layer, folder))) / source.Count;
            decode[i] = ProcessorSeconds(Decode) / source.Count;
            forward[i] = ProcessorSeconds(() => bare.Run(batches)) / Decoded;
            ratio[i] = (decode[i] + forward[i]) * source.Count / Environment.ProcessorCount / harvest[i];
        }
        double rate = source.Count / Pairs.Median(harvest);
        Console.WriteLine(FormattableString.Invariant(
            $"harvest from files, {what}: {rate:0.#} images/s, {Pairs.Median(ratio):0.00} of what the cores allow (an image takes {1e3 * Pairs.Median(decode):0.00} ms of a core to decode, {1e3 * Pairs.Median(forward):0.00} ms to run, {1e3 * Pairs.Median(used):0.00} ms in all), target ≥ 0.85, {Rounds} rounds"));
        Say(model, layer, rate, limit);
    }

    private static void Say(ImageModel model, string layer, double rate, double limit)
    {
        double operations = Operations.Of(model, layer, model.Preprocessing.OutputSize.Height);
        using ModelReader reader = model.Reader(new Probe(layer));
        Console.WriteLine(FormattableString.Invariant(
            $"  {operations / 1e9:0.00} GFLOP an image: {rate * operations / 1e9:0} GFLOP/s, {rate * operations / limit:0.00} of a matrix product's; read by {reader.Engine.InWords}; {Processor.Flags}"));
    }

    private static ImageBatch[] Batches(IImageSource source, Preprocessing preprocessing, int count) =>
        [.. new ImageLoader(source, preprocessing, new LoaderOptions { BatchSize = Batch }).Load([.. Enumerable.Range(0, count)])];

    private static void Harvest(ImageModel model, IImageSource source, string layer, string folder)
    {
        string place = Path.Combine(folder, "harvest");
        new Harvester(model, source, new HarvestOptions { Layers = [layer], Filters = ["magnitude"], BatchSize = Batch })
            .Run([.. Enumerable.Range(0, source.Count)], place);
        Directory.Delete(place, recursive: true);
    }

    private static double ProcessorSeconds(Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    /// <summary>The same images, decoded, resized and cropped beforehand.</summary>
    internal sealed class MemorySource(IImageSource inner, Preprocessing preprocessing) : IImageSource
    {
        private readonly RgbImage[] _images = [.. Enumerable.Range(0, inner.Count).Select(i => preprocessing.ApplyToPixels(inner.Read(i)))];

        public string Description => inner.Description;

        public ClassList Classes => inner.Classes;

        public int Count => inner.Count;

        public string Fingerprint => inner.Fingerprint;

        public string Id(int index) => inner.Id(index);

        public int Label(int index) => inner.Label(index);

        public RgbImage Read(int index) => _images[index];

        public void Dispose()
        {
        }
    }
}
