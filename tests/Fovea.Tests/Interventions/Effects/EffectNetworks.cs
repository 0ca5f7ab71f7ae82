using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Shared;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Small networks of five classes whose logits are of the size of logits, and batches of noise for them.</summary>
internal static class EffectNetworks
{
    public const int Images = 7, BatchSize = 4;

    /// <summary>A network of the catalogue; "pt2": one from a file.</summary>
    public static ImageModel Make(string name, string folder, GradientFlow? flow = null)
    {
        ImageModel model;
        if (name == "pt2")
        {
            using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Classifier(classes: 5, side: 16).Save(folder));
            model = file.ToModel(Preprocessing.ImageNet(null, 16), flow: flow);
        }
        else
        {
            model = ImageModel.Create(
                name, 5, flow ?? GradientFlow.Standard, new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]), seed: 4);
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor head = model.State[model.Graph.Producer(model.Graph.Output)!.Inputs[1]];
        using var source = new NoisePictures(Images);
        head.mul_(2 / model.Forward(Batch(model, source, Enumerable.Range(0, Images))).std());
        return model;
    }

    /// <summary>Some images as the network sees them.</summary>
    public static Tensor Batch(ImageModel model, NoisePictures source, IEnumerable<int> images)
    {
        (int height, int width) = model.Preprocessing.OutputSize;
        return cat([.. images.Select(image =>
        {
            var pixels = new float[3 * height * width];
            model.Preprocessing.Apply(source.Read(image), image, pixels);
            return tensor(pixels, [1, 3, height, width]);
        })]);
    }

    /// <summary>Answers of whole passes in which the layer's output is changed on the way, in the evaluator's batches.</summary>
    public static Tensor Hooked(ImageModel model, NoisePictures source, string layer, Func<Tensor, Tensor> edit)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return cat([.. Enumerable.Range(0, source.Count).Chunk(BatchSize).Select(images => model.Forward(
            Batch(model, source, images), new Probe { Output = true }.With(layer, edit)).Logits)]).MoveToOuterDisposeScope();
    }

    /// <summary>How large the layer's values are.</summary>
    public static float Size(ImageModel model, NoisePictures source, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return model.Forward(Batch(model, source, Enumerable.Range(0, source.Count)), new Probe(layer))[layer].std().item<float>();
    }
}
