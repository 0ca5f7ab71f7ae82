using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Imaging;
using Fovea.Numerics;
using Interruption = Fovea.Cli.Terminal.Interruption;

namespace Fovea.Cli.Tests;

/// <summary>Whole runs in this process, on small images of noise.</summary>
internal static class RealRun
{
    /// <summary>Runs a recipe into a folder.</summary>
    public static (int Code, string Output, string Error) Of(string recipe, string folder, params string[] more)
    {
        using StringWriter output = new(), error = new();
        using var interruption = Interruption.Manual();
        var console = new CommandConsole(output, error, errorIsTerminal: false, colour: false);
        string[] arguments = ["run", recipe, "--out", folder, "--quiet", .. more];
        var app = new AppEnvironment(
            console, new WorkflowRunner(interruption), interruption, ShellLine.Of(["fovea", .. arguments]), TimeProvider.System);
        int code = new FoveaApplication(app).Run(arguments);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The run's log.</summary>
    public static string Log(string folder) => File.ReadAllText(Path.Combine(folder, "log.txt"));

    /// <summary>Writes pictures of noise, each class with another mean colour.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="classes">Folders of classes; none: the pictures lie in the folder itself.</param>
    /// <param name="each">Pictures of each.</param>
    /// <param name="side">Pixels.</param>
    public static void Pictures(string folder, IReadOnlyList<string> classes, int each, int side = 64)
    {
        for (int label = 0; label < Math.Max(1, classes.Count); label++)
        {
            string own = classes.Count == 0 ? folder : Path.Combine(folder, classes[label]);
            Directory.CreateDirectory(own);
            for (int i = 0; i < each; i++)
            {
                var random = new CounterRandom(5, "pictures/" + label, i);
                var pixels = new byte[side * side * 3];
                for (int p = 0; p < pixels.Length; p++)
                    pixels[p] = (byte)Math.Clamp(128 + 30 * random.NextGaussian() + (p % 3 == label % 3 ? 60 : -30), 0, 255);
                File.WriteAllBytes(Path.Combine(own, $"{i}.png"), ImageCodec.EncodePng(new RgbImage(side, side, pixels)));
            }
        }
    }
}
