using Fovea.Datasets;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions;

/// <summary>The classes that a network names on images, for images whose classes are not its own.</summary>
internal static class PredictedClasses
{
    /// <summary>The class with the largest logit on each image that can be read; evaluation mode for the time of the call.</summary>
    /// <param name="model">The network.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Indices of the source.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <returns>Class and index of each image, in the order of <paramref name="images"/>.</returns>
    public static IReadOnlyList<(int Class, int Image)> Of(
        ImageModel model, IImageSource source, IReadOnlyList<int> images, CancellationToken cancellation)
    {
        using var frozen = new FrozenNetwork(model);
        using ModelReader reader = model.Reader(new Probe { Output = true });
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = 32 });
        List<(int Class, int Image)> found = [];
        foreach (ImageBatch batch in loader.Load(images, cancellation))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            long[] classes = reader.Run(batch.ToTensor(model.Device)).Logits.flatten(1).argmax(1).cpu().data<long>().ToArray();
            for (int i = 0; i < classes.Length; i++) found.Add(((int)classes[i], batch.Indices[i]));
        }
        return found;
    }
}
