using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;

namespace Fovea.Cli.Commands;

/// <summary>An accuracy on one line.</summary>
internal static class ModelLine
{
    public static string Of(ModelOutcome model) => model is { Top1: { } top1, Top5: { } top5, Loss: { } loss }
        ? $"top-1 {Humane.Percent(top1)}, top-5 {Humane.Percent(top5)}, loss {Humane.Number(loss)} on {Humane.Count(model.Images)} images"
        : "without classes: not evaluated";
}
