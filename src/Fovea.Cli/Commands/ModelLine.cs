using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;

namespace Fovea.Cli.Commands;

/// <summary>An accuracy on one line.</summary>
internal static class ModelLine
{
    public static string Of(ModelOutcome model) =>
        $"top-1 {Humane.Percent(model.Top1)}, top-5 {Humane.Percent(model.Top5)}, loss {Humane.Number(model.Loss)} on {Humane.Count(model.Images)} images";
}
