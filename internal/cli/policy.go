package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/operator"
	"github.com/argosy-registry/argosy/internal/policy"
)

func policyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Look into what a registry takes",
		Long: `Look into what a registry takes. The rules stand in policy.yaml in the data folder and
are in force as soon as the file is saved: docs/admission.md says how to write them.

  argosy policy lint policy.yaml
  argosy policy replay --since 7d --policy policy.yaml --data ./argosy-data
  argosy policy explain charts/shop --type oci-image --data ./argosy-data`,
	}
	cmd.AddCommand(policyShowCommand(), policyLintCommand(), policyCheckCommand(), policyExplainCommand(), policyReplayCommand())
	return cmd
}

func policyShowCommand() *cobra.Command {
	var o owned
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the policy in force",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAdmission(cmd, o, func(a operator.Admission) error {
				s, err := a.Policy(cmd.Context())
				if err != nil {
					return err
				}
				if s.Text == "" {
					s.Text = "# no policy: everything is taken\n"
				}
				for line := range strings.Lines(s.Text) {
					fmt.Fprintln(cmd.OutOrStdout(), printable(strings.TrimSuffix(line, "\n")))
				}
				if s.Refused != "" {
					return errors.New(s.Refused)
				}
				return nil
			})
		},
	}
	o.addFlags(cmd)
	return cmd
}

func policyLintCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "lint FILE",
		Short: "Check a policy's file",
		Long: `Check a policy's file against the types in this program, or with --data against those
that the registry on a data folder knows. The exit code is 2 when something is wrong.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			if data != "" {
				err = withAdmission(cmd, owned{data}, func(a operator.Admission) error {
					_, err := a.Replay(cmd.Context(), operator.ReplayQuery{Since: time.Now(), Policy: new(string(text))})
					return err
				})
			} else {
				err = lintPolicy(text)
			}
			if err != nil {
				fmt.Fprintln(cmd.OutOrStdout(), err)
				return errProblems
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is in order\n", args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "data folder of the registry whose types are asked")
	return cmd
}

// lintPolicy checks a policy against the types in this program.
func lintPolicy(text []byte) error {
	c, err := artifact.Builtin()
	if err != nil {
		return err
	}
	p, err := policy.Parse(text)
	if err != nil {
		return err
	}
	return p.Check(c)
}

// asked is what policy check and explain ask about.
type asked struct {
	owned
	typ, file, output string
}

func (q *asked) addFlags(cmd *cobra.Command) {
	q.owned.addFlags(cmd)
	cmd.Flags().StringVar(&q.typ, "type", "", "id of the type that would be pushed; without it the type of what is stored as REFERENCE")
	cmd.Flags().StringVar(&q.file, "policy", "", "file with a policy to ask in place of the one in force")
	cmd.Flags().StringVarP(&q.output, "output", "o", "text", "form of the answer: text or json")
}

// ask asks the policy of a data folder.
func (q *asked) ask(cmd *cobra.Command, reference string, use func(operator.Answer) error) error {
	if q.output != "text" && q.output != "json" {
		return fmt.Errorf("output is %q: want text or json", q.output)
	}
	question := operator.Question{Reference: local(reference), Type: q.typ}
	if q.file != "" {
		text, err := os.ReadFile(q.file)
		if err != nil {
			return err
		}
		question.Policy = new(string(text))
	}
	return withAdmission(cmd, q.owned, func(a operator.Admission) error {
		answer, err := a.Decide(cmd.Context(), question)
		if err != nil {
			return err
		}
		if q.output == "json" {
			if err := printJSON(cmd.OutOrStdout(), answer); err != nil {
				return err
			}
		}
		return use(answer)
	})
}

func policyCheckCommand() *cobra.Command {
	var q asked
	cmd := &cobra.Command{
		Use:   "check REFERENCE",
		Short: "Say whether a push would be taken",
		Long: `Say whether a push to REPOSITORY would be taken: of the type that --type names, or of
what is stored as REPOSITORY:TAG or REPOSITORY@DIGEST already. The exit code is 0 when it
would be taken, also with a warning, and 2 when it would be refused or kept apart.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return q.ask(cmd, args[0], func(a operator.Answer) error {
				if q.output == "text" {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", a.Verdict, printable(a.Sentence))
				}
				if a.Verdict >= policy.Quarantine {
					return errProblems
				}
				return nil
			})
		},
	}
	q.addFlags(cmd)
	return cmd
}

func policyExplainCommand() *cobra.Command {
	var q asked
	cmd := &cobra.Command{
		Use:   "explain REFERENCE",
		Short: "Say why a push would be taken or not",
		Long: `Say why a push to REPOSITORY would be taken or not: every rule, which one decides, and
which of its words. It is about the type that --type names, or about what is stored as
REPOSITORY:TAG or REPOSITORY@DIGEST already.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return q.ask(cmd, args[0], func(a operator.Answer) error {
				if q.output != "text" {
					return nil
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", a.Verdict, printable(a.Sentence))
				for _, x := range a.Considered {
					fmt.Fprintf(cmd.OutOrStdout(), "  %s (%s) %s\n", x.Rule, printable(x.Repositories), printable(x.Outcome))
				}
				return nil
			})
		},
	}
	q.addFlags(cmd)
	return cmd
}

func policyReplayCommand() *cobra.Command {
	var o owned
	var since, file, output string
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Say what would have become of recent pushes",
		Long: `Say what would have become of what was pushed lately and is still here, under the
policy in force or one in a file that is to come. Locks are left out: what a tag named
before is not kept.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("output is %q: want text or json", output)
			}
			ago, err := parseAge(since)
			if err != nil {
				return fmt.Errorf("since: %w", err)
			}
			q := operator.ReplayQuery{Since: time.Now().Add(-ago)}
			if file != "" {
				text, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				q.Policy = new(string(text))
			}
			return withAdmission(cmd, o, func(a operator.Admission) error {
				r, err := a.Replay(cmd.Context(), q)
				if err != nil {
					return err
				}
				if output == "json" {
					return printJSON(cmd.OutOrStdout(), r)
				}
				return printReplay(cmd, r)
			})
		},
	}
	o.addFlags(cmd)
	cmd.Flags().StringVar(&since, "since", "7d", "how far back, such as 90m, 24h or 7d")
	cmd.Flags().StringVar(&file, "policy", "", "file with a policy to replay in place of the one in force")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "form of the answer: text or json")
	return cmd
}

func printReplay(cmd *cobra.Command, r operator.Replay) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%d pushes: %d allow, %d warn, %d quarantine, %d deny\n", r.Pushes,
		r.Counts["allow"], r.Counts["warn"], r.Counts["quarantine"], r.Counts["deny"])
	if len(r.Others) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VERDICT\tREFERENCE\tTYPE\tRULE\tBECAUSE")
	for _, o := range r.Others {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", o.Verdict, printable(o.Reference), o.Type, o.Rule, printable(o.Because))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if n := r.Pushes - r.Counts["allow"]; int(n) > len(r.Others) {
		fmt.Fprintf(out, "… and %d more\n", int(n)-len(r.Others))
	}
	return nil
}

// parseAge reads a duration with days, which time.ParseDuration does not know.
func parseAge(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = errors.New("negative")
	}
	if err != nil {
		return 0, fmt.Errorf("%q: want a duration such as 90m, 24h or 7d", text)
	}
	return d, nil
}
