using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Browser.Tests.Walk;

/// <summary>
/// A run of images that the project draws, made by the program itself when a test first asks for it, and an explorer of it. Where the
/// screens of the documents are made anew (<see cref="Screens"/>) it is that of <c>fovea demo</c>; <c>FOVEA_WALK_RUN</c> names one that
/// is there already, of which a copy is taken.
/// </summary>
public sealed class WalkRun : IAsyncDisposable
{
    // The demo in small: ten seconds of training, a network that knows some of its classes.
    private const string Recipe = """
        schema = 1
        name = "walk"
        seed = 1

        [data]
        source = "shapesworld"
        train_images = 1600
        validation_images = 200
        crop = 56

        [model]
        architecture = "small_cnn"
        average_pooling = false
        leaky_slope = 0.01

        [train]
        epochs = 5
        batch_size = 32
        learning_rate = 2e-3
        augment = false

        [harvest]
        split = "train"
        images = 500
        layers = ["block4"]
        batch_size = 100

        [[dictionary]]
        name = "topk"
        layer = "block4"
        architecture = "topk"
        expansion = 2
        sparsity = 8
        batch_size = 1024
        learning_rate = 1e-3
        epochs = 4

        [[dictionary]]
        name = "l1"
        layer = "block4"
        architecture = "l1"
        expansion = 1
        batch_size = 1024
        learning_rate = 1e-3
        epochs = 2

        [features]
        presets = "naive"
        steps = 8
        pictures = 4
        side_by_side = 1
        compare_units = 1
        batch_size = 8
        examples = 4
        """;

    private readonly string _folder = WorkFolder.Create("fovea-walk-");
    private readonly Lazy<Task<ExplorerProcess>> _explorer;
    private readonly Lazy<Task<WalkPlan>> _plan;

    public WalkRun()
    {
        _explorer = new(StartAsync);
        _plan = new(FindAsync);
    }

    /// <summary>The run folder; there once the explorer is.</summary>
    public string Folder => Path.Combine(_folder, "run");

    /// <summary>The explorer.</summary>
    public Task<ExplorerProcess> ExplorerAsync() => _explorer.Value;

    /// <summary>What the walk looks at.</summary>
    public Task<WalkPlan> PlanAsync() => _plan.Value;

    /// <summary>Another folder with a copy of the run as it is.</summary>
    public async Task<string> CopyAsync(string name)
    {
        await ExplorerAsync();
        string copy = Path.Combine(_folder, name);
        FolderCopies.Copy(Folder, copy);
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        if (_explorer.IsValueCreated) await (await _explorer.Value).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>By an explorer of its own: the other one has seen no image yet.</summary>
    private async Task<WalkPlan> FindAsync()
    {
        await _explorer.Value;
        await using ExplorerProcess explorer = await ExplorerProcess.StartAsync(Folder);
        return await WalkPlan.FindAsync(explorer);
    }

    private async Task<ExplorerProcess> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("FOVEA_WALK_RUN") is { Length: > 0 } there)
        {
            FolderCopies.Copy(there, Folder);
        }
        else if (Screens.Wanted)
        {
            await ExplorerProcess.CommandAsync("demo", "--out", Folder, "--quiet");
        }
        else
        {
            string recipe = Path.Combine(_folder, "walk.toml");
            await File.WriteAllTextAsync(recipe, Recipe, TestContext.Current.CancellationToken);
            await ExplorerProcess.CommandAsync("run", recipe, "--out", Folder, "--quiet");
        }
        return await ExplorerProcess.StartAsync(Folder);
    }
}
