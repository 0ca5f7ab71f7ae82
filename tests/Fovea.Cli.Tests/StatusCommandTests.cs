using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class StatusCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-status-").FullName;

    public void Dispose()
    {
        _cli.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("status", "RUN")]
    [InlineData("status", "--run", "RUN")]
    public void A_record_that_cannot_be_read_is_said(params string[] arguments)
    {
        var run = new RunFolder(_folder);
        File.WriteAllText(run.Recipe, "schema = 1\nname = \"a\"\n[data]\nsource = \"shapesworld\"\n[model]\narchitecture = \"small_cnn\"\n[train]\nepochs = 1\n");
        Directory.CreateDirectory(Path.Combine(_folder, "model"));
        File.WriteAllText(Path.Combine(_folder, "model", StageRecord.FileName), "{\"form\": ");
        int code = _cli.Run([.. arguments.Select(one => one == "RUN" ? _folder : one)]);
        Assert.True(code == 0, _cli.Error);
        Assert.Contains("damaged       train: its record (stage.json) cannot be read; fovea run … --redo \"train\" makes the stage again", _cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_were_cut_short_are_said()
    {
        string run = Path.Combine(_folder, "run"), recipe = Path.Combine(_folder, "small.toml");
        File.WriteAllText(recipe, """
            schema = 1
            name = "small"
            [data]
            source = "shapesworld"
            train_images = 64
            validation_images = 16
            crop = 64
            [model]
            architecture = "small_cnn"
            [train]
            epochs = 1
            """);
        Assert.Equal(0, Program("run", recipe, "--out", run, "--quiet", "--threads", "1").Code);
        string weights = Path.Combine(run, "model", "weights.safetensors");
        using (FileStream file = File.OpenWrite(weights)) file.SetLength(file.Length / 2);
        var (code, output, error) = Program("status", run);
        Assert.Equal(0, code);
        Assert.Contains($"damaged       train: {weights} is not a sound safetensors file", output, StringComparison.Ordinal);
        Assert.Contains("fovea run … --redo \"train\" makes the stage again", output, StringComparison.Ordinal);
        (code, _, error) = Program("run", recipe, "--out", run, "--quiet", "--threads", "1");
        Assert.Equal(3, code);
        Assert.Contains("It is of the finished stage 'train': give --redo \"train\"", error, StringComparison.Ordinal);
        (code, _, error) = Program("report", "--run", run);
        Assert.Equal(3, code);
        Assert.Contains("weights.safetensors is not a sound safetensors file", error, StringComparison.Ordinal);
        Assert.Equal(0, Program("run", recipe, "--out", run, "--quiet", "--threads", "1", "--redo", "train").Code);
        string evaluation = Path.Combine(run, "model", "evaluation.json");
        string record = Path.Combine(run, "model", StageRecord.FileName), whole = File.ReadAllText(record);
        File.WriteAllText(record, whole[..20]);
        Assert.Equal(3, Program("run", recipe, "--out", run, "--quiet", "--threads", "1").Code);
        Assert.Equal(0, Program("run", recipe, "--out", run, "--quiet", "--threads", "1", "--redo", "train").Code);
        File.WriteAllText(evaluation, File.ReadAllText(evaluation)[..20]);
        Assert.Contains($"damaged       train: {evaluation} is empty, ends too early or is no JSON.", Program("status", run).Output, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Program(params string[] arguments) => SharedRuns.End(SharedRuns.Start(arguments));

    [Theory]
    [InlineData("status")]
    [InlineData("status", "a", "--run", "b")]
    public void No_run_and_two_are_refused(params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(arguments));
        Assert.Contains("Say once which run: fovea status RUN.", _cli.Error, StringComparison.Ordinal);
    }
}
