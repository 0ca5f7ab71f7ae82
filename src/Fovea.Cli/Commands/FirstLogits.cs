using Fovea.Datasets;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary>The five largest logits of an image: for comparing with another implementation.</summary>
/// <param name="Image">The image's id.</param>
/// <param name="Label">Its class.</param>
/// <param name="Classes">Classes of the largest logits, largest first.</param>
/// <param name="Logits">The logits.</param>
internal sealed record TopLogits(string Image, int Label, IReadOnlyList<int> Classes, IReadOnlyList<float> Logits);

/// <summary>Runs a network on the first images of a source and keeps what it says.</summary>
internal static class FirstLogits
{
    private const int Kept = 5;

    public static IReadOnlyList<TopLogits> Of(ImageModel network, IImageSource source, int count, CancellationToken cancellation)
    {
        var result = new List<TopLogits>(count);
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = 16 });
        foreach (ImageBatch batch in loader.Load([.. Enumerable.Range(0, Math.Min(count, source.Count))], cancellation))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor logits = network.Forward(batch.ToTensor(network.Device));
            (Tensor values, Tensor classes) = logits.topk(Math.Min(Kept, network.Outputs), dim: 1);
            float[] value = values.cpu().data<float>().ToArray();
            long[] label = classes.cpu().data<long>().ToArray();
            int width = value.Length / batch.Count;
            for (int i = 0; i < batch.Count; i++)
            {
                result.Add(new TopLogits(source.Id(batch.Indices[i]), batch.Labels[i],
                    [.. label.Skip(i * width).Take(width).Select(index => (int)index)], [.. value.Skip(i * width).Take(width)]));
            }
        }
        return result;
    }
}
