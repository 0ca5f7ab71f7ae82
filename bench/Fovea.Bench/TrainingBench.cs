using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Fovea.Bench;

/// <summary>A training epoch from augmented JPEGs against the same steps on images already in memory.</summary>
internal static class TrainingBench
{
    private const int Images = 640, Batch = 32;

    public static void Run(string data)
    {
        string tar = Path.Combine(data, "tiny-imagenet-200.tar");
        if (!File.Exists(tar))
        {
            Console.WriteLine($"skipped: {tar} is absent");
            return;
        }
        using var source = ImageSources.Open(tar, new ImageSourceOptions { Split = "train", Limit = Images });
        var preprocessing = Preprocessing.ImageNet(null, 64);
        var loader = new ImageLoader(
            source, new Augmentation(new AugmentationOptions(), preprocessing, 1), new LoaderOptions { BatchSize = Batch });
        int[] order = new CounterRandom(1, "bench", 0).Permutation(source.Count);
        ImageBatch[] memory = [.. loader.Load(order)];
        using var network = ImageModel.Create("resnet18", 200, GradientFlow.Modified);
        using (var weights = StateDict.Load(Path.Combine(data, "resnet18-tiny-imagenet.pth"))) network.CopyFrom(weights, "resnet18");
        network.Train();
        network.SetTrainable(true);
        using var adam = new Adam(network.Parameters.Select(p => (p.Key, p.Value)), new AdamOptions());
        void Epoch(IEnumerable<ImageBatch> batches)
        {
            foreach (var batch in batches) Step(network, adam, batch);
        }
        Pairs.Compare("training epoch from augmented JPEGs, ResNet18 64 px", "the same steps from memory",
            () => Epoch(loader.Load(order)), () => Epoch(memory), 3, Images, "images", "time ratio ≤ 1.10");
        // Forward, and back to the inputs and to the weights of each convolution.
        double operations = 3.0 * Images * RenderBench.ForwardOperations(network, "layer4", 64);
        double seconds = Pairs.Median([.. Enumerable.Range(0, 3).Select(_ => Pairs.Seconds(() => Epoch(memory)))]);
        double limit = MachineBench.Product(2048);
        Console.WriteLine(FormattableString.Invariant(
            $"training steps, ResNet18 64 px, batch {Batch}: {Images / seconds:0} images/s, {operations / seconds / 1e9:0} GFLOP/s of convolutions, {operations / seconds / limit:0.00} of a matrix product's {limit / 1e9:0} GFLOP/s; {Processor.Flags}"));
    }

    private static void Step(ImageModel network, Adam adam, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        adam.ZeroGrad();
        using var loss = cross_entropy(network.Forward(batch.ToTensor()), batch.LabelTensor());
        loss.backward();
        adam.Step(1e-6);
    }
}
