using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// In the place of <c>fovea visualize</c>, started by the explorer's own queue: pictures of ResNet18 at 224 px with all threads, one after
/// the other, until the explorer closes its input. Weights are drawn: a step costs what it costs with trained ones.
/// </summary>
internal static class PictureLoad
{
    /// <summary>The word that starts it.</summary>
    public const string Name = "picture-load";

    public static void Run()
    {
        using var end = new CancellationTokenSource();
        var input = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
            }
            end.Cancel();
        })
        {
            IsBackground = true
        };
        input.Start();
        set_num_threads(Environment.ProcessorCount);
        using ImageModel model = ImageModel.Create("resnet18", 1000, GradientFlow.Modified, Preprocessing.ImageNet(256, 224), seed: 1);
        var options = RenderPresets.Paper with { Size = 224, BatchSize = 1, Steps = 100_000 };
        var told = new Told();
        try
        {
            FeatureRenderer.Render(model, new UnitObjective("layer4", [0]), options, told, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The explorer has ended the order.
        }
    }

    private sealed class Told : IProgress<RenderProgress>
    {
        public void Report(RenderProgress value) =>
            Console.Error.WriteLine(FormattableString.Invariant($"visualize: {value.Done:N0} of {value.Total:N0} steps (0 %)"));
    }
}
