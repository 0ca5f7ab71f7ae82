using Xunit;
namespace Fovea.Explorer.Tests;
public sealed class Smoke { [Fact] public void Runs() => Assert.True(true); }
